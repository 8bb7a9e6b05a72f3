// Levels by year points and the benefits that come with them.
export default {
  title: '等级与待遇', tab: '等级与待遇', add: '加一级', edit: '改', start: '从 AAA 开始', none: '还没有等级', noneText: '年度积分满多少分评为哪一级，每级一年给哪些待遇，比如免费就餐 10 次。',
  only: '只有办公室主电脑能改等级和待遇。', level: '等级', points: '年度积分满', benefits: '一年的待遇', people: '人数', households: '户数', share: '占 {n}%', times: '{name} {n} {unit}', at: '（{place}）',
  board: '{year} 年等级', boardNote: '年度积分满了，办公室主电脑自动评定，待遇一人一年给一次。', of: '{people} 人，{households} 户', money: '积分兑换', issued: '已发放', redeemed: '已兑换', rate: '兑换率', left: '结余', noBenefit: '只有名称，没有待遇',
  newLevel: '新的等级', changeLevel: '改“{name}”', name: '名称', namePh: 'AAA级信用户', need: '年度积分满', benefit: '待遇', benefitPh: '免费就餐', n: '一年几次', unit: '单位', unitPh: '次', place: '在哪儿用', anywhere: '哪儿都行', addBenefit: '加一项待遇', drop: '去掉这项', remove: '删除这一级', sureRemove: '删除“{name}”？', sureRemoveText: '评过的人不再显示这一级，给过的待遇也不能再用。', removed: '已删除', saved: '已保存', keeps: '已经评上的人保留原来的次数；改了以后评上的按新的给。高一级的人，低一级的待遇也有。',
  next: '再得 {n} 分评为{name}', has: '{at} 评上', earned: '积分已够，等办公室主电脑评定', benefitLeft: '余 {left}/{given} {unit}', hereOnly: '此处 {n} {unit}', noneHere: '此处没有', use: '用 1 {unit}', elsewhere: '在{place}用',
  tillTitle: '待遇，不扣积分', fetch: '问一问别处', fetching: '正在调来…', used: '{name}：用了 {n} {unit}，此处还余 {left} {unit}', sureUse: '给{who}“{name}” 1 {unit}？', sureUseText: '不扣积分，从一年的次数里扣。', sureUseDo: '给 1 {unit}', undo: '撤销', undone: '已撤销，次数还回来了', today: '今天给出 {n}', tillNone: '此处没有这项待遇的次数。连上网可以问一问。',
}
