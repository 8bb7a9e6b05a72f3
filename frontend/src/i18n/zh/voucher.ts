export default {
  give: '开兑换券', title: '开兑换券', text: '把积分放进一张纸，只能在选定的地方用，那里没有网络也能用。开出后，别处不能再用这些积分。', points: '多少分', till: '在哪儿用', until: '用到哪天', none: '还没有别的兑换点', noneText: '先让商家或站点的电脑加入社区，才能给它开券。', have: '可用 {n} 分，其中此处 {here} 分', slips: '（另有 {n} 分在以前开的券里）', whole: '要填整数', most: '可用的只有 {n} 分', nothing: '没有可用的积分', doIt: '开出 {n} 分，打印', issued: '已开出 {n} 分，只能在{till}用', slip: '再打一张', to: '{till}，用到 {day}',
  state: { open: '没用', used: '用了', expired: '过期，等那边退回', returned: '退回了', recalled: '待收回' }, noRows: '还没有开过兑换券', noRowsText: '要去没有网络的地方兑换，先在这里开一张券带去。', recall: '收回', recallTitle: '收回这张兑换券？', recallText: '券里的 {n} 分在{till}的电脑上，要等它连上网才退得回来。在那以前有人拿券去，还是能用一次。', recallDone: '已请{till}退回，连上网就退', kind: '兑换券',
  only: '只能在这里用', last: '最后一天', for: '持券人', scan: '请店家扫这个码，没有网络也能扫。', once: '只能用一次。复印的、截图的，第一次用过就作废。', late: '过期的积分会自己退回来。', who: '{community}开出',
  took: '收下兑换券 {n} 分，请选东西', back: '退回社区', backDone: '已退回 {n} 分，请告诉他去别处用',
}
