// Award days: many people redeem at once, with delivery and certificates.
export default {
  tab: '集中兑换', open: '开一场', titlePh: '例如：{month} 月集中兑换日', name: '名称', none: '还没有集中兑换日', noneText: '开一场，把要兑换的人和物品列好；到会场不用联网，一次兑完，再按名单送货。', days: '各场', at: '{at} 开', other: '在另一台电脑上兑换，此处只能看。',
  people: '{n} 人', done: '已兑 {n}/{all} 人', points: '{n} 分', cost: '物品成本', costIs: '{yuan} 元', toDeliver: '待送 {n} 份',
  add: '加人', fetch: '先调积分', fetchHelp: '趁有网，把名单上各人的积分调到这台电脑，会场里不用联网就能兑。', run: '兑换这 {n} 人', sure: '这 {n} 人都核对过本人了吗？', sureText: '每人的存折上都会记“店家核对本人”。没到场的先别兑，或者从名单上划掉。', sureYes: '都核对过，兑换', running: '正在兑换：{done}/{all}', fetching: '正在调积分：{done}/{all}', stop: '停下', ran: '兑换了 {n} 人。', ranSome: '兑换了 {n} 人，{left} 人没兑成，原因在名单里。', stopped: '停下了：兑换了 {n} 人，剩下的没动。', fetched: '{n} 人的积分都在此处了。', fetchedSome: '{n} 人的积分在此处，{left} 人还不够。',
  village: '村组', who: '姓名', goods: '物品', need: '分数', here: '此处可兑', state: '情况', is: { listed: '待兑换', done: '已兑换', cancelled: '已划去', undone: '已撤销' }, twice: '兑了 {n} 次', twiceText: '两台复制的电脑各兑了一次。东西只领了一次的，到“志愿者”里打开本人存折，更正其中一笔。', home: '送货', homeWait: '待送', homeLater: '兑换后送', given: '{by} {at} 送到', take: '当场领', deliver: '记送到', undeliver: '没送到，改回', strike: '划去', short: '还差 {n}', all: '全部', left: '待兑', deliverShow: '待送',
  giver: '送货的人', giverTitle: '{name} 的东西送到了？', giverText: '谁送的？', delivered: '已记下送到。', undelivered: '已改回待送。',
  addTitle: '加人到“{title}”', by: '怎么选人', byList: '按村组', byScan: '扫证卡或找人', grid: '村组', enough: '只要够分的', chosen: '已选 {n} 人', what: '每人换什么', pieces: '个数', each: '每人 {points} 分，成本 {yuan} 元', deliverThem: '送货上门', addDo: '加这 {n} 人', added: '加了 {n} 人。', more: '再加一样', drop: '去掉',
  printList: '送货签收单', printHonours: '荣誉证书', sheet: { title: '集中兑换送货签收单', no: '序', village: '村组', name: '姓名', phone: '电话', address: '地址', goods: '物品', points: '积分', sign: '签收', total: '合计 {people} 人，{points} 分', giver: '送货人签字', office: '经办人', date: '日期' },
  honour: { title: '荣誉证书', text: '在{community}志愿服务和积分评选中表现突出，特发此证，以资鼓励。', as: '获得“{title}”表彰', date: '发证日期', seal: '盖章', pick: '称号', pickPh: '优秀志愿者', make: '打印 {n} 张', forWhom: '给名单上已兑换的人' },
}
