// Claims: what waits until it counts.
export default {
  capped: '申报 {n}，按上限记', cap: '申报 {n}，有上限',
  tab: '申报与公示', title: '申报与公示', text: '申报、表彰和扣分先在这里过一遍：见证、审核、公示或告知，可以申诉，过了才记分。', add: '代为申报', stairwell: '给整个楼道记分', lists: '红黄榜',
  box: { todo: '要办的', asked: '等补充', notice: '公示中', done: '已办结', all: '全部' },
  takeBack: '撤回“{name}，{text}”？', takeBackText: '撤回以后不再审核，也不记分、不扣分，不能恢复；要算的话得重新登记。',
  state: { rules: '等积分细则', confirm: '等对方确认', review: '等审核', asked: '等本人补充', tell: '等告知本人', notice: '公示中', appealed: '有申诉', due: '待记分', booked: '已记分', refused: '没有通过', dropped: '申诉成立，不算', withdrawn: '已撤回', lapsed: '逾期没有补充，不算' }, minusNotice: '已告知，可申诉', pending: '待扣', pendingText: '还没有扣，过了申诉期才扣', wait: { tell: '等告知本人', notice: '还有 {n} 天可申诉', begins: '申诉期 {n} 天，还没起算', appealed: '有申诉，等答复', due: '申诉期已过，待扣' }, late: '记分后有申诉', lateText: '这条意见送到时分已经记了。成立就撤销这一笔，不成立要写理由。', ownText: '您登记的，要换别的经办人来办',
  void: { device: '{by} 的办理不算：那台电脑已停用，要重新办', unsigned: '{by} 的办理不算：没有用密码签名，要重新办', role: '{by} 的办理不算：要由负责人办', own: '{by} 的办理不算：自己登记的要由别人办', asked: '{by} 通过时还不知道有人问过本人，要重新审核' },
  via: { page: '本人手机申报', grid: '网格员 {by} 代报', desk: '{by} 登记' }, until: '到 {at}', at: '{at}', version: '按第 {n} 版', note: '说明', witness: '见证 {name}', count: '{n} 件', minutes: '{n} 分钟', appealText: '申诉：{text}', why: '理由：{why}',
  told: '{at} 已告知（{how}）', how: { page: '本人已在手机上看到', paper: '送达通知单', call: '打过电话', door: '上门说过' },
  do: { ok: '记下', sign: '另一人签字', yes: '通过', no: '不通过', ask: '要补充', reply: '代答', confirm: '对方已确认', tell: '已告知本人', appeal: '代为申诉', right: '申诉成立', back: '成立，撤销这一笔', wrong: '申诉不成立', withdraw: '撤回' },
  ask: { no: '为什么不通过', ask: '问本人什么，比如：扫的是几号楼？', reply: '本人怎么回答', right: '为什么成立', wrong: '为什么不成立', appeal: '申诉的内容', how: '怎么告知的' }, done: { yes: '已通过', no: '没有通过，理由本人看得到', told: '已记下，申诉期从现在算', answered: '已答复', withdrawn: '已撤回', confirmed: '已确认', appealed: '已记下申诉，先不算', asked: '已退回，本人手机上看得到，等他回答', replied: '已记下，回到审核' }, waitsFor: '{n} 天内不答就不算', question: '{by} 问：{text}', reply: '本人在手机上答：{text}', replyDesk: '本人当面答：{text}',
  none: '没有要办的', noneText: '居民在手机上申报、网格员代报，都会出现在这里。', noneHere: '这里还没有',
  post: { title: '代为申报', who: '替谁申报', item: '哪一项', do: '申报 {n} 分', posted: '已申报，{text}', next: { confirm: '等被帮的人家确认', review: '等另一位经办人审核', tell: '等告知本人', notice: '开始公示', due: '马上记分' }, noneItems: '没有可以申报的项' },
  group: { title: '给整个楼道的各户记分', item: '哪一项', grid: '网格', anyGrid: '所有网格', address: '楼栋-单元', addressHint: '如 2-3，就是 2 栋 3 单元', find: '找出各户', families: '{n} 户', members: '{n} 人', do: '给 {n} 户各记 {points} 分', posted: '{n} 户已登记，每户 {points} 分', double: '{n} 户今天已经记过这一项，没有重复记', none: '这个地址下没有登记的住户', note: '活动或评比名称' },
  list: { title: '红黄榜', off: '红黄榜没有打开', offText: '默认不公开排名和扣分。开会商定后再打开；名字只显示一个字，申诉期没过的不上榜。', on: '打开红黄榜', shut: '关掉红黄榜', sure: '打开红黄榜？', sureText: '年度积分靠前的上红榜，告知过、申诉期已过的扣分上黄榜。名字遮着显示。', red: '红榜', yellow: '黄榜', none: '没有' },
  deduct: '先告知本人，申诉期过了才扣', deductDone: '已登记。告知本人后，{days} 天内可以申诉，过后才扣。', deductDo: '登记扣 {n} 分',
}
