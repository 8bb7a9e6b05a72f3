// Figures of a month, reports to the street or county, hours of service.
export default {
  group: { service: '人和服务', points: '积分', homes: '参与', wishes: '心愿', money: '商家、结算和预算' },
  f: {
    volunteers: '注册志愿者', active: '活跃志愿者', sessions: '活动场次', services: '服务人次', minutes: '服务时长', helped: '受益人次',
    carried: '期初结余', awarded: '发放', brought: '带入', redeemed: '兑换', deducted: '扣减和迁出', moved: '其中迁出', expired: '到期', outstanding: '结余', redeemRate: '兑换率', best: '个人最高累计',
    households: '户数', away: '外出户', unable: '无劳动能力户', joined: '参与户数', joinRate: '参与率', wishes: '心愿', wishesDone: '已办结', doneRate: '办结率', contactTime: '平均多久联系上', doneTime: '平均多久办结', satisfaction: '满意度（星）',
    shops: '商家·本社区', shopsStreet: '商家·全街道', shopsDistrict: '商家·全区县', shopsCity: '商家·全市', owed: '应付结算（元）', budget: '全年预算积分', budgetUsed: '预算已用', budgetRate: '预算执行率',
  },
  length: { month: '月', quarter: '季', year: '年' }, prev: '往前', next: '往后', quarterOf: '{y}年第{q}季度', yearOf: '{y}年', excel: '导出 Excel', tab: { figures: '统计', reports: '上报', hours: '服务时长', fund: '资金' },
  nowOnly: '户数、商家、应付和预算没有历史，按现在的算。外出户和无劳动能力户不算进参与率。', chartPoints: '发放和兑换', chartHours: '服务时长', chartPeople: '活跃志愿者', chartWishes: '心愿', hour: '小时', byMonth: '按月', byWeekText: '这个月',
  outcomes: '填报成效', outcomesText: '算不出来的，照台账填：对比期有多少，本期有多少。', outcome: '指标', before: '对比期', now: '本期', change: '增减', outcomeAdd: '添一行', outcomePh: '矛盾纠纷', outcomesSave: '存下', outcomesSaved: '已存下', outcomesNone: '还没有填',
  upward: '上报给街道、区县', upwardText: '主电脑给每个月的数签名，存成一个文件，用 U 盘或微信交上去。里面只有数，没有姓名。每次的文件都带着两年里各月的最后一次，丢了再交一次就行。', month: '月份', state: '状态', number: '第 {n} 次', none: '还没报', madeAt: '{at} 报', differs: '报过以后数变了', same: '已报，数没变',
  make: '生成上报', again: '重新生成', made: '{month} 第 {n} 次上报已生成', unchanged: '和上一次一样，没有再生成', save: '存成上报文件', mainOnly: '上报由主电脑来做，这里只看。', fingerprint: '核对码', fingerprintText: '第一次上报，上面会打电话来核对这 20 个数字。', copyFingerprint: '复制核对码', copied: '已复制', stillRuns: '这个月还没过完', lastDay: '统计到 {at}',
  hub: {
    title: '上报总览', titleOf: '{name} · 上报总览', period: '期间', reported: '{n} / {all} 已报齐', reportedText: '{month}', missing: '{n} 个还没报齐', allIn: '都报齐了', urge: '催报', urgeN: '催报 {n} 个', urged: '{at} 催过', urgeText: '把下面的话发到工作群，或者照着打电话。点“记下已催”，谁哪天催过都有记录。', urgeWords: '请尽快上报 {month} 的数据：{names}。办法：主电脑“统计 → 上报”，生成上报，存成文件交来。', urgeDone: '记下已催', urgeSaid: '已记下，催了 {n} 个', copyWords: '复制',
    add: '收上报文件', sum: '合计', name: '社区/村', upto: '上报到', never: '没报过', lacks: '缺 {n} 个月', lacksOne: '缺 {month}', columns: '指标', find: '找社区、街道', street: '街道/镇', via: '{name}转来', only: '只看没报齐的', none: '还没有社区', noneText: '收第一个上报文件，核对 20 个数字，就登记上了。', noneFound: '没有这样的社区',
    compare: '比上一期 {n}', compareNone: '上一期没有数', top: '最高 {n}', trend: '各月发放和兑换', trendReported: '各月报了几个', rank: '{what}最多的', results: '收到的上报', from: '由{name}转来', state: { new: '收下了', replaces: '换掉了之前的', known: '已经有了', older: '已有更新的，没有算', refused: '没有收' },
    toList: '登记这个社区', listText: '给这个社区打电话，听对方念 20 个数字。一样的，才登记。', listed: '已登记{name}。再收一次文件，就有它的数了。', asStreet: '它是街道/镇，会转来下面社区的', sameDigits: '数字一样，登记', drop: '不再统计', dropAsk: '不再统计{name}？', dropText: '它报过的留着，只是不算进来。以后还能再登记。', dropped: '不再统计{name}',
    months: '各月上报', seq: '第几次', replaced: '之前 {n} 次不算', made: '上报时间', hash: '签名文件校验', forward: '转给区县', forwardText: '下面各社区签过名的上报，原样交上去', streets: '会转来数据的街道', self: '本级', own: '我们的核对码', noOutcomes: '没有填报',
  },
  hours: {
    paper: '志愿服务记录证明', papers: '开过的证明', papersNone: '还没有开过', papersNoneText: '选一位志愿者，看看他的服务记录，再编号、打印、盖章。', give: '开证明', who: '给谁开', from: '从', to: '到', sinceEver: '不填：从第一次', untilToday: '不填：到今天', total: '{times} 次，共 {span}', nothing: '这段时间没有服务记录', issue: '编号并预览', reprint: '再打印', no: '编号', by: '经办人', mainOnly: '证明由主电脑编号，这里可以看和再打印。', changedNote: '开证明以后，有的记录更正了或补记了：现在是 {times} 次，共 {span}。',
    send: '报送到平台', sendText: '按平台的模板导出，报过的记号在，不会报两次。', platform: { national: '全国平台', provincial: '省平台' }, due: '还没报送 {n} 条', sent: '已报送 {n} 条', lacking: '{n} 人缺资料，补齐后再报', lacks: { name: '缺姓名', idNumber: '缺身份证号', phone: '缺手机号' }, lackTimes: '{n} 条', fill: '去补', sendDo: '导出并标记已报送', sendAsk: '把这 {n} 条标记为已报送？', sendAskText: '导出的文件请马上导入平台。以后再导出，不会再有这些。', didSend: '第 {n} 批，{m} 条，已标记报送', batches: '报过的批次', batch: '第 {n} 批', batchFile: '再存一次', noBatches: '还没有报送过', layout: '模板的列', layoutText: '照平台的导入模板改：列名要一字不差。', layoutDo: '改模板', layoutSaved: '模板已存下', colTitle: '列名', colField: '填什么', colFixed: '固定的字', colAdd: '添一列', sample: '前几行看起来是这样', upMove: '上移', downMove: '下移', all: '这段时间的服务 {n} 条', sendNone: '没有要报送的',
    field: { name: '姓名', idType: '证件类型', idNumber: '身份证号', phone: '手机号', code: '证号', date: '服务日期', start: '开始时间', end: '结束时间', hours: '小时数', minutes: '分钟数', text: '服务内容', type: '服务类别', place: '地点', community: '本社区名称', fixed: '固定的字' }, orders: '居民心愿服务',
    p: { line: '兹证明{name}（身份证号 {id}）于{from}至{to}，参加我社区组织的志愿服务 {times} 次，服务时间合计 {hours} 小时。服务记录如下：', lineNoId: '兹证明{name}于{from}至{to}，参加我社区组织的志愿服务 {times} 次，服务时间合计 {hours} 小时。服务记录如下：', date: '日期', text: '服务内容', place: '地点', hours: '时长（小时）', sum: '合计', more: '另有 {n} 次，共 {hours} 小时，详见服务记录。', end: '特此证明。', issuer: '出具单位', day: '出具日期', check: '本证明编号唯一，可向出具单位核实。' },
  },
  level: { label: '这里是', community: '社区/村', street: '街道/镇', district: '区县', text: '街道、区县这一级不登记居民，只收下面各社区签过名的上报。', ready: '下一步：收各社区的上报文件。第一次收，要打电话核对 20 个数字。' },
}
