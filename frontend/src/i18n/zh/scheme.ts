// The rulebook: its kinds of rules, its editor, its versions, its Excel.
export default {
  kind: { time: '按时长', deed: '按次', piece: '按件', often: '按频次', mutual: '互助用工', donate: '捐赠', honour: '荣誉', exam: '成绩', base: '年度基础分', deduct: '扣分' },
  kindText: {
    time: '每满一段时间给几分，例如每半小时 1 分', deed: '做一次给几分', piece: '数着给，例如每捡 5 公斤 1 分', often: '每次给几分，一段时间里只算几次', mutual: '帮别家干活，由被帮的人家确认，每月有上限', donate: '按捐的钱或物给分', honour: '得了称号给几分，一年一次', exam: '考出成绩给几分，一年一次', base: '每人每年一次，在“预算与基础分”里发', deduct: '每次扣几分。先告知本人，可以申诉，过后才算',
  },
  how: { time: '每满 {minutes} 分钟 {points} 分', deed: '每次 {points} 分', piece: '每{per}{unit} {points} 分', often: '每次 {points} 分，{span}最多 {times} 次', honour: '得称号 {points} 分，一年一次', exam: '达到成绩 {points} 分，一年一次', base: '每人每年 {points} 分', deduct: '每次扣 {points} 分' },
  round: { '': '满一个单位才算', half: '过半也算', up: '不满也算' }, span: { day: '每天', week: '每周', month: '每月', year: '每年' }, yuan: '元', piece: '件', cap: '{span} {n} 分', hard: '{word} {n}%', harder: '较难', hardest: '很难', plain: '一般',
  mark: { witness: '要见证', review: '要审核', notice: '公示 {n} 天', appeal: '申诉期 {n} 天', self: '可自己申报', lead: '仅负责人' }, locked: '上级定的，不能改',
  all: '全部', noGroup: '没有分类', count: '{n} 项', col: { code: '编号', name: '小项', how: '怎么算', points: '分值', caps: '上限' }, noCap: '不限', find: '找积分项',
  f: { title: '细则名称', levels: '层级名称', levelsHint: '用斜杠隔开，两级或三级', why: '这一版为什么改', code: '编号', group: '大类', sub: '二级指标', name: '名称', kind: '计分方式', points: '分值', minutes: '每多少分钟', round: '零头', unit: '计数单位', per: '每几个', times: '最多几次', span: '在多久里', harder: '较难时', hardest: '很难时', dayCap: '每天最多', weekCap: '每周最多', monthCap: '每月最多', yearCap: '每年最多', witness: '要有人见证', review: '要另一人审核', notice: '公示几天再算', appeal: '申诉期几天', self: '本人可在手机上申报', lead: '只有负责人能记', for: '适用人群', note: '怎么评，写给大家看', locked: '上级定的' },
  part: { what: '这一项', count: '怎么算', caps: '每人上限', hard: '难度系数', check: '怎样才算数' }, zero: '0 是不限', percent: '%', days: '天', unitPoints: '分', forHint: '空着是所有人', hardHint: '0 是不分难易',
  pick: '选一项看细节', pickText: '左边选类别，中间选一项。', noneFound: '没有这样的项', editing: '正在改第 {n} 版', changed: '新增 {added} 项，改动 {changed} 项，去掉 {gone} 项', unchanged: '还没有改动', look: '看改了什么', add: '加一项', remove: '去掉', copy: '照这项加一项', undoRemove: '不去掉了',
  import: '导入细则', export: '导出 Excel', template: '下载模板', versions: '历次版本', edit: '改成新的一版', discard: '不改了', save: '存成第 {n} 版', saved: '第 {n} 版已生效，新记的都按它算', undoSave: '换回第 {n} 版', undone: '已换回，存成第 {n} 版',
  changes: { title: '第 {n} 版改了什么', none: '和现在的一样', new: '新增', gone: '去掉', changed: '改动', was: '原来 {old}，改成 {now}', empty: '空', yes: '是', no: '否', text: '以前记的分照旧版，一分不动。在等审核、公示的也按申报时的那一版算。', why: '写一句为什么改，大家在历次版本里看得到。', do: '生效' },
  past: { title: '历次版本', now: '现行', line: '{at} 起 · {by} · {n} 项', why: '原因：{why}', back: '换回这一版', look: '看和现行的差别', sure: '换回第 {n} 版？', sureText: '它会成为新的第 {next} 版。期间记的分不变。', rival: '两台电脑分开改出的另一份，没有用上', rivalText: '要用它，就换回它。' },
  ready: { title: '也可以从现成的开始', text: '照各地报道过的做法整理，导入前逐项看得到、改得了。报道里没有的项目和分值是建议。', size: '{groups} 大类 {items} 项，其中 {reported} 项见于报道' },
  read: { title: '导入细则', drop: '选 Excel 文件', paste: '或者从 Excel 里复制过来，贴在这里', text: '要有“小项”和“分值”两列，其他列可有可无，次序不限。大类可以合并单元格，空着的跟上一行。分值可以写 3、-3、3分/小时、每半小时1分。', check: '检查', checking: '正在检查', source: '来源', good: '项没有问题', bad: '项有问题', groups: '个{word}', subs: '个{word}', errors: '下载标了错误原因的表', fix: '改好这 {n} 项再导入，一项也不会先存进去。', way: '怎么导入', replace: '换掉现在的细则', merge: '并进现在的细则', replaceText: '表里没有的项会去掉', mergeText: '编号相同的改，没有的加，其余不动', next: '看看会改什么', none: '还没有选文件', noneText: '7 大类 62 小项、5/25/38 这样的表都能直接导入。', line: '第 {n} 行' },
  above: { file: '上级下发的细则', title: '{name}下发的细则，第 {n} 版', text: '上级 {at} 签发。{n} 项是上级定的，收下以后不能改；另外 {own} 项可以改。下面是和现在的细则不同的地方。', why: '{name}下发' },
  down: { do: '下发', title: '下发第 {n} 版细则', text: '给下面的社区做一个签了名的文件，用微信、U 盘发给他们，在“积分细则 → 导入”里收下。没打勾的项他们不能改。', may: '下级可以改', sign: '签名并保存文件', count: '{n} 项不能改，{open} 项可以改' },
  given: '{name}下发，第 {n} 版', lockedCount: '其中 {n} 项是上级定的',
}
