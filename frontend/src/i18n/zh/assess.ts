// Assessment rounds.
export default {
  rounds: '评议轮次', badCell: '{home}家 · {item}：“{text}”不能算，要填 0 到 {most} 的整数，没有记下', badMore: '还有 {n} 格不对', unready: { bad: '先改好填错的格子', scores: '还没有评分', present: '先登记到会的人' }, none: '还没有评议过', noneText: '选一个月或一个季度、几个积分项，评议会给各户打分；公示期过了，一次记入积分。', begin: '开始一轮评议', title: '名称', titleOf: '{span}评议', span: '评哪段时间', made: '开始', stateHead: '状态', quarter: '{year} 年第 {n} 季度', days: '公示几天', items: '评哪些积分项（选了 {n} 项，最多 {max} 项）', beginText: '分值按现在的积分细则；以后细则改了，这一轮不变。积分记给户主。',
  cap: '最多 {n}', got: '实记 {n}', gotWaits: '实记 {n}，{waits} 项待定', state: { open: '打分中', published: '公示中', due: '公示期满', booked: '已记入积分', dropped: '作废' }, until: '公示到 {at}', allGrids: '全部网格', home: '户', sum: '合计', people: '{n} 口人', blank: '空', done: '评了 {n} 户，共 {all} 户', keys: '填次数或件数。回车到下一户，Tab 到下一项；表格里复制的一块可以直接粘贴。', homeOf: '{name}家',
  printBlank: '打印评议表', printNotice: '打印公示', present: '到会：{names}', presentNone: '登记到会的人', presentTitle: '谁到会了？', presentText: '评议会成员。他们作为见证人写在积分记录里。', presentDrop: '去掉{name}',
  publish: '公示这一轮？', publishDo: '公示', publishText: '{n} 户的得分公示 {days} 天，这期间各户可以提异议；公示以后不能再改，只能在答复异议时更正。', book: '记入积分？', bookDo: '记入积分', bookText: '每户的得分记给户主，只记一次。扣分的先告知本人，申诉期过了才扣。', bookedSaid: '记了 {claims} 项，共 {points} 分', drop: '作废这一轮？', dropDo: '作废', dropText: '打的分还看得到，但不会记入积分。', mainOnly: '公示和记入积分由办公室主电脑做。',
  rivals: '{n} 户有两台电脑记得不一样，选一个算数：', take: '{item}：{n}（{device}）', wrote: '{device}记的是 {n}', late: '公示以后才收到，没有算进去（{n} 户）：', waiting: '{n} 户提了异议，等答复：', strays: '{n} 户评过分，现在名册里没有了，没有列出。',
  objects: '有异议', object: '登记异议', objectText: '这户有什么异议？', right: '异议成立', notRight: '异议不成立', newScores: '异议成立的话，改成：', why: '答复', answerYes: '成立，按上面改', answerNo: '不成立', mainAnswers: '由办公室主电脑答复。',
  excel: {
    save: 'Excel', read: '读入 Excel', title: '读入评议表', text: '先存出 Excel，填好再读进来。按户编号和表头认，列可以换位置；空着的格子不改，要去掉一格填“-”。有一行不对就都不写。',
    lines: '改动的户', cells: '改动的格', bad: '有错的行', same: '没变的户', missing: '表里没有这几项，不改：{names}', unknown: '这几列不认识，不读：{names}', none: '和现在的一样，没有要改的', take: '写入 {n} 格', taken: '写入了 {n} 格', errors: '存出错误原因', mend: '改好 {n} 行再读一次', to: '{before} → {after}', nothing: '空', another: '换一个文件', line: '行', home: '户', what: '改什么，哪里不对', more: '再看 {n} 行',
    why: { home: '找不到这一户：户编号不对，户主和住址也对不上', several: '户主和住址一样的有好几户，请写上户编号', double: '和第 {with} 行是同一户', formula: '“{column}”是公式，请复制后“选择性粘贴”成数值', merged: '“{column}”是合并单元格，请拆开，一行写一户', number: '“{column}”要填 0 到 {max} 的整数，现在是：{with}', most: '“{column}”最多填 {max}，现在是：{with}' },
  },
  sheet: { page: '第 {n} 页，共 {all} 页', signs: '到会人签字：____________________________________________', blank: '填次数，没有的空着。', day: '日期', inPublic: '{title}结果公示', notice: '公示从 {from} 到 {at}。有异议请到社区办公室提出。不愿上榜的没有列出。', over: '公示期已满。不愿上榜的没有列出。' },
}
