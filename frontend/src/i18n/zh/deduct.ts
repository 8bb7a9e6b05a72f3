export default {
  title: '扣分', text: '{name}现在可用 {spendable} 分。扣掉的年度积分也跟着减，累计积分不变。', points: '扣多少分', reason: '为什么扣', reasonHint: '写事，不写别人的名字', owes: '可用的不够扣，会记欠 {n} 分，以后得了积分自动还。', by: '经办：{name}，会记在存折上', doIt: '扣 {n} 分', done: '{name}已扣 {n} 分', doneDebt: '{name}已扣 {n} 分，记欠 {debt} 分', debt: '欠分', how: '怎么扣', byItem: '按细则', other: '其他', item: '哪一条', itemPoints: '每次 {n} 分', line: '存折第几行', note: '说明', at: '哪一天', noItems: '细则里还没有扣分项，在“积分细则”里加。', lacks: { points: '还没写扣多少分', reason: '还没写为什么扣', date: '还没写是哪一天', witness: '这一条要写见证人' },
}
