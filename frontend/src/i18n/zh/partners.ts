// Other communities: who they are, what was agreed, letters, statements.
export default {
  title: '往来社区', text: '居民在对方商家用积分、搬到对方社区，都在这里按月结清。两个办公室不联网，靠信函文件往来。', mainOnly: '只有主电脑能收信、写信、改约定，这里可以看。',
  we: '本社区', site: '所在地', street: '街道（镇）', district: '区（县）', city: '市', siteSaved: '所在地已存好', siteText: '“街道”“区县”范围的商家按它认对方，两边要写得一模一样；空着的范围不通',
  fingerprint: '核对码', fingerprintText: '对方收到介绍后，电话里逐个念给他听', introduction: '介绍本社区', introSave: '存成文件', introCopy: '复制文字', copied: '已复制', introQR: '对方办公室扫一扫，或收下文件',
  add: '加往来社区', take: '收信', taken: '{from}的信收到了，新内容 {n} 条', takenMoved: '{from}的信收到了，新内容 {n} 条，其中 {m} 笔迁入积分', takenOld: '{from}的这封信以前收过，没有新内容',
  none: '还没有往来社区', noneText: '先和对方互发“介绍”，电话里对过核对码，再写约定，互寄一封信就通了。',
  paste: '对方的介绍', pasteText: '粘贴对方发来的文字，或打开文件', openFile: '打开文件', compare: '打电话给对方，请他念自己屏幕上的核对码，要和下面一样：', compared: '电话里对过，20 个数字都一样', moved: '这个社区换了主电脑，核对码和上次不同，一定要再打电话核对。',
  terms: '和{name}的约定', ours: '我们账上最多挂多少分', oursText: '我们居民用的', theirs: '他们账上最多挂多少分', theirsText: '他们居民用的', peg: '每分几元', until: '到哪天为止', untilText: '不写就一直有效', agree: '写下约定', agreed: '约定已写下，请给对方寄一封信',
  state: { new: '还没收到来信', unlisted: '对方还没写约定', differs: '双方写的不一样', ended: '约定到期', good: '已通' },
  stateText: { new: '寄一封信给对方，等对方寄来第一封信。', unlisted: '对方的信里还没有和我们的约定，请他写好再寄一封。', differs: '对方写的是：他们账上 {ours} 分、我们账上 {theirs} 分、每分 {peg} 元。改成一样才能用。', ended: '约定到期了，不再给新的额度。', good: '双方写的一样，可以往来。' },
  letter: '写信', letterText: '存成文件，用微信或 U 盘发给对方', change: '改约定', sheet: '往来表 Excel', until2: '到 {day}', perPoint: '每分 {yuan} 元',
  used: '已用 {n} 分', left: '还能用 {n} 分', cap: '我们账上最多 {n} 分', capTheirs: '他们账上最多 {n} 分', due: '{month} 还有 {n} 分没出结算单', make: '出结算单', made: '结算单已出，请寄一封信', madeNone: '没有要结的',
  col: { month: '月份', book: '谁的账', spent: '用了', back: '退回', moved: '迁入', owed: '金额', state: '状态' },
  book: { ours: '我们的', theirs: '他们的' }, bookText: { ours: '我们居民在他们商家用的，和从他们那里迁来的', theirs: '他们居民在我们商家用的，和从我们这里迁去的' },
  weOwe: '我们付 {n} 元', theyOwe: '他们付 {n} 元', even: '两不相欠', no: '第 {n} 号',
  st: { sent: '等确认', refused: '不同意', agreed: '已确认，待付款', done: '已结清' }, paid: '{at} 收到，{reference}', noStatement: '还没有结算单', noStatementText: '每月 1 日自动出上个月的。',
  yes: '同意', no2: '不同意', yesText: '同意{name} {month} 的结算单：用了 {spent} 分，退回 {back} 分，迁入 {moved} 分，{owed}。同意后不能改。', yesDone: '已同意，请寄一封信', noTitle: '不同意的原因', noHint: '对方会看到', noDone: '已记下，请寄一封信', got: '登记收到', gotTitle: '{name}付来 {n} 元', gotHint: '银行回单号，或写“与几月相抵”', gotDone: '已登记，额度放开要等对方收到这封信', reference: '凭证号',
}
