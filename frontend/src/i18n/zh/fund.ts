// The community's money: received, given out, granted.
export default {
  yuan: '{n} 元', inDo: '记收入', outDo: '记支出', useDo: '记使用', in: '收入', out: '支出', sum: '合计', share: '社会捐赠（含捐物）占 {n}%', before: '年初结余 {n} 元', beforeShort: '年初结余', left: '结余',
  kind: { county: '上级拨款', donation: '捐款', own: '社区自有', goods: '捐物折价', support: '项目扶持', settle: '商家结算', purchase: '采购', other: '其他支出', use: '扶持金使用' },
  cover: '够不够兑', points: '在外积分 {n} 分，每分 {unit} 元', pointsOnly: '在外积分 {n} 分', owed: '欠商家的', money: '账上的钱', goods: '货架上的货，按成本', noCost: '另有 {n} 件没写成本价，没算进去。', noUnit: '还没定一分值多少钱，请到“设置”里写上。', short: '缺 {n} 元：都来兑，钱和货不够。', enough: '够，还富余 {n} 元。',
  grants: '项目扶持', entries: '明细', count: '{n} 笔', none: '这一年还没有记账', noneText: '收到的拨款、捐款，付出去的扶持、结算、采购，都在这里记一笔。程序不付钱，只记账。',
  col: { day: '日期', kind: '类别', fen: '金额（元）', who: '谁给的、给谁', to: '项目、服务队', word: '用途', voucher: '凭证号', by: '经办人', grant: '扶持', used: '已用', left: '还剩' },
  inSum: '收入合计', outSum: '支出合计', goodsBeside: '另收捐物折价（不算钱）', minus: '账上只有 {n} 元，记下以后是负数。', otherYear: '日期是 {y} 年，算在那一年。',
  opposite: '冲销：{why}', undone: '已冲销', undo: '冲销', undoTitle: '冲销这一笔？', undoText: '原来那笔还在，另记一笔相反的，算在今天。', why: '为什么', undoDo: '记冲销', undid: '已冲销',
  title: { in: '记收入', out: '记支出', use: '记扶持金使用' }, from: '谁给的', to: '给谁', over: '只剩 {n} 元', useText: '{who}的扶持金还剩 {n} 元。', won: '评选定了扶持 {n} 元。', wonDo: '填上', goodsText: '捐的东西折成钱，只算来源，不算账上的钱；东西本身在“兑换”里收货。', saved: '已记账',
  paper: '资 金 收 支 表', sign: { keeper: '记账人', checker: '审核人', lead: '负责人（盖章）' },
}
