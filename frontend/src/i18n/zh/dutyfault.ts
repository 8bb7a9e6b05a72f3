// Refusals about lasting tasks; they join those of fault.ts.
export default {
  duty_kind: '选一种：固定岗、认领点位或认养树木。',
  duty_text: '文字要填，最多 {max} 字，不能换行。',
  duty_title: '做什么要填，最多 {max} 字，不能换行。',
  duty_place: '地点最多 {max} 字，不能换行。',
  duty_why: '原因要填，最多 {max} 字，不能换行。',
  duty_times: '次数从 1 到 {max}：同一项一天只记一次。',
  duty_item: '这一项不是做事得分的，换一项。',
  duty_unknown: '这台电脑上没有这项任务。',
  duty_over: '这项任务已经结束了。',
  duty_nobody: '这项任务现在没人负责，或者刚换了人，看一眼再记。',
}
