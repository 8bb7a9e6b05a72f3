// What people have taken on for longer than a day: duties that come back, spots, trees.
export default {
  title: '长期任务', text: '固定岗、认领的点位、认养的树', open: '添一项', opened: '添好了。', none: '还没有长期任务', noneText: '每天查飞线、每周清楼道、认领一处墙角：谁负责、多久做几次，在这里一看就知道，做了点一下就记上服务。',
  show: { left: '还没做够', all: '全部', ended: '已结束' }, allDone: '这一期都做够了', noneHere: '没有',
  kind: { duty: '固定岗', spot: '认领点位', tree: '认养树木' }, per: { day: '每天', week: '每周', month: '每月' },
  often: { day: '每天 {n} 次', week: '每周 {n} 次', month: '每月 {n} 次' }, now: { day: '今天 {done}/{times}', week: '本周 {done}/{times}', month: '本月 {done}/{times}' }, before: { day: '昨天 {done}/{times}', week: '上周 {done}/{times}', month: '上月 {done}/{times}' },
  col: { what: '任务', who: '谁负责', often: '多久', now: '这一期', before: '上一期', last: '最近一次' },
  nobody: '没人负责', gone: '已清除的人', do: '记一次', hand: '换人', give: '交给人', end: '结束', waits: '这一项要申报，到“积分 → 申报”里记', endedAt: '{at} 结束',
  doTitle: '{name}：{title}', doneSaid: '已给{name}记上，{n} 分。', doneWay: '已给{name}记上，{n} 分在路上。',
  handTitle: '{title}交给谁？', handFrom: '现在是{name}。以前做的照样算在{name}名下。', handed: '改好了。', free: '先没人负责',
  endTitle: '结束“{title}”？', why: '为什么结束', over: '已结束。',
  form: { kind: '哪一种', item: '按哪一项积分', itemPick: '选一项', title: { duty: '做什么', spot: '哪一处', tree: '哪一棵' }, ph: { duty: '查飞线充电', spot: '2号院北墙角', tree: '小广场东边的槐树' }, place: '地点', per: '多久', times: '几次', timesUnit: '次', who: '谁负责', whoHint: '可以以后再定', once: '同一项一天记一次。' },
}
