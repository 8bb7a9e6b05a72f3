// Years, budget and base points: the office's pages beside the scheme.
export default {
  tab: { scheme: '积分细则', budget: '预算与基础分', year: '年度结转' }, pages: '积分',
  title: '年度结转', note: '积分按年或按季度到期。到期后再给一段时间兑换，然后由办公室主电脑结转。累计积分和年度积分不受影响。',
  inYear: '{year} 年', inQuarter: '{year} 年第 {n} 季度', ends: '积分多久到期', yearly: '按年', quarterly: '按季度', endsSaved: '以后得的积分{how}到期',
  grace: '期满再用几天', graceText: '过了这些天才能结转', days: '天', graceSaved: '已改为 {n} 天', graceIs: '期满后可再兑换 {n} 天', notHere: '只有办公室主电脑能结转。',
  col: { period: '期', state: '状态', issued: '发放', redeemed: '兑换', deducted: '扣减、撤销', moved: '迁出', outstanding: '结余', expired: '到期', late: '晚到的兑换', people: '人数' },
  state: { running: '进行中', grace: '宽限中', due: '可以结转', closed: '已结转', final: '已核清' }, until: '兑换到 {at}', by: '{at} {by}结转', finalAt: '{at} 核清', lostAll: '损失 {n} 分，都已记到准备金', lostOpen: '损失 {n} 分，还有 {open} 分没记到准备金',
  doClose: '结转', doFinal: '核清', rest: '结余在哪里', restNone: '没有结余', device: '电脑', points: '积分', onTheWay: '路上', 
  absent: '{year}结束以后还没见过的电脑', absentText: '它们断网期间兑出的，见面后仍算数，记在 {year}。', absentNone: '期满以后，每台电脑都见过了', last: '最后消息 {at}', lastNever: '从没有消息',
  sure: '结转 {year}', today: '今天是 {at}', expires: '到期的积分', ofPeople: '涉及', sureText: '结转后，收到消息的电脑不再兑换 {year}的积分，余下的作废。收到消息以前已经兑出的仍然算数。这一步不能撤回。', checked: '日期和数字都核对过了', sureDo: '结转，{n} 分到期', closed: '{year}已结转', changed: '数字变了，请再看一遍。',
  finalSure: '核清 {year}？', finalText: '{year}的积分哪里都没有剩下，不会再有晚到的兑换。到期合计 {n} 分。', finalDone: '{year}已核清', waiting: '等各台电脑报到：还有 {n} 分没有结清',
  none: '还没有积分', noneText: '赋过分的年度会列在这里。',
  budget: '{year} 年预算', budgetNote: '赋分从预算里出。超出预算，要第二位经办人批准。', limit: '预算', issued: '已发放', left: '还可发放', share: '预算占收入', issuedShare: '已发放占收入', income: '集体收入', unset: '没有定', approved: '{by}批准', edit: '改预算', fix: '定预算', limitPoints: '今年最多发放', incomeYuan: '今年集体收入', yuan: '元', incomeHint: '可不填，用来算比例', second: '第二位经办人', saved: '预算已定', noUnit: '设置里写明 1 积分值多少元，才能算比例。', only: '只有办公室主电脑能定预算。', unbound: '今年还没定预算，发多少都不会提醒。', percent: '{n}%',
  base: '{year} 年基础分', baseNote: '每人每年一次。几台电脑都点了，也只发一次。', each: '每人', everybody: '在册人数', total: '合计', start: '发基础分', goOn: '接着发', again: '补发给新登记的 {n} 人', stop: '先停下', stopped: '已停下：{paid} 人已发，{open} 人没发', running: '正在发：{paid} / {people} 人', done: '{n} 人都发了，每人 {points} 分', ordered: '{at} {by}', sureBase: '给 {n} 人各发 {points} 分？', sureBaseText: '合计 {total} 分。发了就到账，发错只能一笔一笔更正。', sureBaseDo: '发 {total} 分', over: '要 {need} 分，预算还剩 {left} 分，差 {missing} 分。', overText: '要超出预算发，请第二位经办人批准，预算随着提高。', overElsewhere: '超出预算要在办公室主电脑上批准。', overDo: '两人同意，发 {total} 分', rivals: '两台电脑定的不一样：{list} 分。先停着，重新定一次就接着发。', short: '预算不够了，提高以后接着发。', startedBase: '已经开始发', stoppedBase: '已停下', elsewhere: '由办公室主电脑来发，同步后开始。',
}
