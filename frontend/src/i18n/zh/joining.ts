export default {
  open: '可能重复', openN: '可能重复 {n}', title: '可能是同一个人', none: '没有发现重复登记', noneText: '同名，又有同一个手机号、身份证号、出生日期或住址的，会列在这里。', both: '两份登记', why: { idNumber: '身份证号一样', phone: '姓名和手机号一样', birthday: '姓名和出生日期一样', address: '姓名和住址一样' },
  compare: '对比', asked: '{by}申请合并', askedApart: '{by}申请分开', askedAt: '{at}', waiting: '已同意，等主设备登记', sent: '已报办公室，等办公室确认',
  joinedTitle: '已合并的', records: '{n} 份登记', recordsMany: '{n} 份登记，请核对有没有合错', look: '查看', tag: '{n} 份登记合成一人',
  side: '两份登记对比', sideOne: '{name}的 {n} 份登记', lead: '主登记', second: '另一份', here: '合并后以主登记为准，主登记没填的用另一份的。', points: '积分', linesN: '{n} 条记录', created: '登记日期', card: '证卡', cardOk: '能用', cardBlocked: '已作废', alsoCard: '另一张证 {code}', alsoBlocked: '另一张证 {code} 已作废', showAll: '显示完整号码', showAllText: '号码平时遮住几位。点开会记入查看记录。', chosenPair: '比对这两人', chosenPairText: '看两份登记是不是同一个人，是就合并', usual: '常去兑换点', none1: '没填',
  twice: '两份登记都记了同一件事', twiceText: '合并前各记了一次。多出来的一次，由记账的那台电脑撤销；要不要收回由办公室定。', twiceBefore: '合并以后，可以在这里撤销多记的一次。', byDevice: '在“{name}”上撤销', level: '等级：{name}', undo: '撤销这一笔',
  join: '是同一个人，合并', ask: '申请合并', different: '不是同一个人', takeBack: '撤回申请', apart: '分开这份登记', askApart: '申请分开',
  joinSure: '把两份登记合成一个人？', joinText: '积分、存折、家庭、活动、兑换券都算一个人的，两张证卡都能用。以后还能分开，什么都不丢。', joinYes: '合并', apartSure: '把这份登记分出来？', apartText: '又成了两个人。分开前记的每一笔留在原来那份登记下；合并期间记的，留在主登记下。', apartYes: '分开',
  done: { asked: '已报办公室，办公室确认后合并', waiting: '已确认，主设备收到后登记', joined: '已合并成一个人', apart: '已分开', different: '已记下，不再提示' },
  similar: '像是登记过了', similarText: '先看看是不是同一个人，免得登记两次。', similarOpen: '就是这个人',
}
