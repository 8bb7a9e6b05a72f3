// The screen in the hall.
export default {
  open: '大屏', month: '本月', awarded: '发放积分', redeemed: '兑换积分', points: '分', hours: '服务时长', hoursUnit: '小时', volunteers: '志愿者', people: '人', pointsN: '{n} 分',
  activities: '接下来的活动', honours: '新评上的', ranking: '积分排行榜', red: '红榜', yellow: '黄榜', today: '今天', tomorrow: '明天', free: '还有 {n} 个名额', full: '名额已满', leave: '退出大屏', part: '第 {n} 页，共 {of} 页',
}
