// Settlements with merchants: the office's page, the merchant's own, the sheet.
export default {
  title: '结算', mine: '我的结算', worth: '1 分 = {yuan} 元', worthNone: '还没写一分值多少钱', worthGo: '去设置', auto: '每天 8 点自动结昨天的，最晚第二天付', other: '只有主电脑能结算，这里可以看',
  tab: { due: '应付', unpaid: '待付款', paid: '已付款' },
  col: { merchant: '商家', last: '上次结到', deals: '兑换', points: '积分', back: '退回', peg: '每分', pay: '应付', today: '今天', number: '单号', day: '结到', made: '结算', paidAt: '付款', reference: '银行批次号', account: '账号', state: '状态', sum: '累计' },
  lastNone: '还没结过', upTo: '{day} · 第 {n} 号', deals: '{n} 笔', nothing: '没有要结的', later: '{n} 分', yuan: '{n} 元', brought: '上次多付 {n}，已扣', carried: '退回多于兑换，下次扣 {n} 元', setOff: '退回的多，从下次应付里扣', myCarried: '退回的比兑换的多，下次结算先扣 {n} 元。', mySetOff: '今天退回的比兑换的多 {n} 分，从下次结算里扣。', noMoneyBack: '不用往回付钱。', byItself: '自动', sumAll: '合计 {n} 元',
  do: '结到昨天', doToday: '连今天的一起结', doOne: '结算', made: '已结 {n} 家，共 {yuan} 元', madeNone: '没有要结的', dueNone: '没有要结的', dueNoneText: '商家兑换了积分，第二天就列在这里。', noMerchant: '还没有商家', noMerchantText: '在设备页加入一台爱心商家的电脑。',
  account: '账户', accountTitle: '{name}的账户', payee: '户名', accountNo: '账号', bank: '开户行', rate: '每分几元', rateHint: '不写就按社区的', accountSaved: '已存好，下一张结算单起用', accountNone: '没写账号', accountAsk: '没写账号：请办公室在“结算”里点这家店的“账户”写上。', payeePh: '和银行开户名一样',
  excel: '付款表 Excel', pay: '登记付款', payTitle: '登记付款', payText: '银行付了以后，写上批次号。{n} 张结算单，{m} 家商家。会一起记到“资金”的支出里，不用再记一遍。', payDo: '已付 {yuan} 元', payRef: '银行批次号', payRefPh: '回单上的编号', paid: '已登记 {n} 张，{yuan} 元', unpaidNone: '没有待付的', unpaidNoneText: '结了的都付了。', paidNone: '还没有付过款', print: '结算单',
  stop: { closed: '{device}已停用：只结到停用时为止，之后的 {n} 分不付。', forked: '{device}的记录出现了两份：只结到分开以前，之后的 {n} 分先不付，等主电脑处理。' }, device: '一台电脑',
  void: '换主电脑以前的第 {number} 号（{name}，{yuan} 元）不算数了，可是已经付过。请向商家要回，或从下次付款里扣。',
  state: { open: '待付款', paid: '已付款', none: '不用付' },
  open: '还没结', openText: '昨天和以前 {due} 分，今天 {later} 分', waiting: '已结，等付款', got: '已收到', next: '今天的明天结，最晚后天到账。', nextNone: '办公室还没写一分值多少钱，写了才能结。', historyNone: '还没有结算单', historyNoneText: '兑换过的第二天，社区会结算，单子列在这里。', history: '结算单',
  sheet: '商 家 结 算 单', no: '第 {n} 号', from: '付款方', to: '收款方', covers: '结到 {day}', time: '时间', check: '核对码', amount: '金额（元）', operator: '经办', total: '合计', redeemed: '兑换 {n} 笔，{points} 分', reversed: '退回 {n} 笔，{points} 分', pegLine: '每分 {yuan} 元', broughtLine: '上次多付', payLine: '应付', sumLine: '自开始累计 {yuan} 元', missing: '有的兑换记录不在这台电脑上，只列出这里有的。', signOffice: '社区经办人', signMerchant: '商家确认', checkHelp: '核对码和小票上的一样。', paidLine: '{at} 已付，批次号 {reference}', merchantOf: '{merchant} · {community}',
}
