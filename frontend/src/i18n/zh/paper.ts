export default {
  kind: { appraisal: '考核表', board: '公告', minutes: '会议记录', notice: '送达通知单', delivery: '送货签收单', honours: '荣誉证书', ranking: '排行榜', home: '家庭账', labels: '价签', fund: '资金收支表', bylaw: '兑换办法', assess: '评议表', selection: '评选名单', credit: '授信证明', consent: '授信同意书', receipt: '小票', settle: '结算单', hours: '志愿服务记录证明', survey: '需求问卷', passbook: '积分存折', cards: '志愿者证', signIn: '签到表', poster: '报名海报', recovery: '恢复密钥', ticket: '加入凭条', voucher: '兑换券', day: '日结' },
  passbook: '积 分 存 折', page: '第 {n} 页', printedAt: '打印于 {at}', holder: '户名', cardNo: '证号', usual: '常去兑换点', scheme: '积分细则 第 {n} 版', date: '日期', deed: '积分事项', plus: '加', minus: '减', balance: '结余', by: '经办/见证', carried: '承前页', onTheWay: '（待到账）', capped: '（到上限）', undone: '（已更正）', slips: '结余 {n} 分里，有 {slips} 分在兑换券里，凭券用。', stamp: '社区盖章处', pending: '待扣', pendingHead: '待扣（还没有扣，期内可以申诉）', pendingMore: '另有 {n} 项待扣，共 {points} 分', blank: '空行可以手写，请见证人签字，下次来时补录进电脑。', appeal: '记得不对，{days} 天内可以申诉。存折丢了，请到办公室挂失。',
  notice: {
    title: '扣分送达通知单', receipt: '送达回执', no: '编号 {no}', to: '{name}：', lead: '按本社区的积分细则，下面这件事拟扣您的积分。现在还没有扣，申诉期过了才扣。', what: '事项', rule: '依据', ruleText: '积分细则第 {version} 版，{code}', at: '时间', note: '情况', points: '拟扣', points_n: '{n} 分',
    until: '申诉期', untilText: '收到这张通知单起 {n} 天内。这期间不扣分。', untilDay: '到 {at} 为止。这以前不扣分。', how: '怎么申诉', howOffice: '到社区办公室说明，口头、书面都可以，也可以请网格员代为申诉。', howPhone: '在手机页面“我的”里打开“扣分通知”，点“申诉”，写明理由。', howPhoneAt: '手机页面：{url}', howThen: '申诉以后先不扣，由社区负责人答复；申诉不成立的，会写明理由。',
    got: '收到人签名', gave: '送达人签名', seen: '见证人签名', day: '日期', way: '怎么送达', ways: '□ 本人签收　□ 家属代收　□ 本人不在，留在家中　□ 本人不签，见证人证明', ofWhom: '收件人', card: '证号', address: '住址', keep: '由社区留存。送达后，在“申报与公示”里点“已告知本人”，申诉期才开始算。', yours: '由本人保存', print: '打印送达通知单',
  },
  dayTitle: '日 结', daySign: '核对人签字', minutes: '{n} 分钟',
  redeem: '兑换', volunteer: '志愿者', less: '减', before: '兑换前此处可兑', after: '现在此处可兑', check: '核对码 {code}', count: '当面点清。记得不对，', appealShort: '{days} 天内到社区办公室申诉。', operator: '经办人 {name}', takenBack: '已退回',
  cardTitle: '志愿者证', cardHelp: '兑换、签到时出示。丢了请到社区办公室挂失补办。', cut: '沿线剪开',
  signInTitle: '签到表', no: '序号', name: '姓名', tail: '尾号', inAt: '签到时间', outAt: '签退时间', sign: '签名', time: '时间', place: '地点', organiser: '组织人', item: '积分', witness: '见证人签字', afterText: '活动后把时间补录进电脑，照片附后。', extra: '临时参加的写在空行里',
  posterPlaces: '{n} 个名额', posterJoin: '手机扫一扫报名', posterNote: '这张码只用来报名，签到请到现场。', posterOr: '没有手机：到{place}报名', posterPoints: '积分', posterSelf: '地址：{url}', waitFull: '报满可排候补',
  recoveryTitle: '恢复密钥', recoveryText: '办公室的电脑坏了、丢了，凭这张纸可以另立一台主电脑。请封好，和公章放在一起；不要拍照，不要发到网上。', recoveryFor: '社区', recoveryDate: '日期', recoverySign: '保管人签字',
  ticketTitle: '加入凭条', ticketText: '在新电脑上打开积善，选“加入社区”，用扫码枪扫这个码。没有扫码枪，在办公室的电脑上复制下面的字，传过去贴上，不用敲。', ticketExpires: '{at} 以前有效，只能用一次。',
}
