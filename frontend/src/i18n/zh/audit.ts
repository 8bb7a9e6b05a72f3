import action from './auditaction'

// Who did what, what was not taken, what was said twice, who was forgotten where.
export default {
  title: '操作记录',
  tab: { log: '谁做了什么', refused: '没收下的', differ: '不一致和重复', erasures: '删除回执' },
  about: { log: '所有电脑上记的每一笔，只增不减', refused: '别的电脑送来、没通过核对的', differ: '几台电脑各说各的，要人看一眼', erasures: '每台电脑都说删了，才算删完' },
  from: '从', to: '到', what: '类别', who: '经办人', device: '设备', person: '居民', pick: '姓名或尾号', all: '全部', clear: '清掉条件', none: '没有这样的记录', noneText: '换个日期或去掉几个条件再看。', noneYet: '还没有记录', noneYetText: '登记、赋分、兑换、设置，每做一件，这里就多一行。', excel: '导出 Excel',
  col: { at: '时间', what: '做了什么', whom: '谁的', points: '积分', by: '经办', device: '设备', rule: '按哪条规则', number: '编号', receipts: '回执', missing: '还差' },
  item: '{item} · 细则第 {n} 版', law: '章程 {at}', page: '本人在手机上', backwards: '结束比开始早', more: '（另有 {n} 个编号）', itself: '自动',
  kind: {
    award: '赋分', deduct: '扣分、到期', correct: '更正', redeem: '兑换', stock: '库存', rights: '设备之间调积分', people: '居民资料', erase: '删除个人资料', decide: '申报和审核', activity: '活动', order: '服务单', shop: '货架和预约',
    scheme: '改细则', govern: '设备和规则', operator: '经办人', settle: '结算', paper: '报表和证明', view: '查看资料', export: '导出资料',
  },
  action,
  refusedNone: '都收下了', refusedNoneText: '别的电脑送来的都通过了核对。', doRefused: '在{name}上把程序升级到最新版，再同步一次；还是这样，就查一查那台电脑。它自己的记录都还在。', doUnseen: '问清楚是谁记的。确实有的事就让它算数；信不过的不用管，照旧不显示。', count: '让{name}的都算数', countSure: '让{name}停用以后露面的 {n} 条都算数？', countText: '各处都会显示出来，该给的分会补上。只有确实是自己人记的才这样做；电脑被偷走以后记的，不要算。', countYes: '都算数', countDone: '这些记录算数了', unseen: '不算：停用以后才露面', doBroke: '查一查{name}；查不清就在“设备”里停用它。',
  differNone: '没有不一致的', differNoneText: '两台电脑改了同一处、同一个人登记了两次，都会到这里。',
  erasureText: '删除是销毁钥匙：每台办公室和实践站的电脑销毁以后，各写一张回执。是谁的，谁也看不出来了。', erasureNone: '还没有删除过谁', receipts: '{n} / {of} 台已删', missingOnline: '{name}正连着，马上就删', missingSince: '{name}从 {at} 起没见过', missingNever: '{name}还没见过',
}
