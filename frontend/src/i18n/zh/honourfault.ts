// Refusals about levels and benefits; they join those of fault.ts.
export default {
  honour: '等级和待遇没有动。',
  honour_levels: '最多 {max} 级。',
  honour_name: '名称要 1 到 {max} 个字，不能有“/”。',
  honour_points: '年度积分要在 1 到 {max} 之间。',
  honour_same: '“{name}”的名称或分数和另一级一样，改一个再保存。',
  honour_benefits: '一级最多 {max} 项待遇。',
  honour_unit: '单位要 1 到 {max} 个字。',
  honour_times: '次数要在 1 到 {max} 之间。',
  honour_place: '没有这个地方，请另选一个。',
  honour_unknown: '这项已经被删掉了，请刷新再看。',
  honour_elsewhere: '“{name}”不在这里用。没有扣次数。',
  honour_short: '“{name}”此处可用 {here} {unit}，还差 {missing} {unit}。没有扣次数。',
}
