export default {
  today: '今天 {n} 场活动，{signed} 人报名，{present} 人正在服务', todayNone: '今天没有活动', register: '新人登记', publish: '发布活动', deed: '登记服务',
  todo: '等我处理', todoNone: '都处理完了', todoNoneText: '新心愿、缺货、待赋分、改重了的、没收下的，都会到这里。', act: { wish: '派单', clash: '看一眼', stock: '收货', conflict: '看一眼', join: '核对', award: '赋分', quarantine: '查看', reserve: '去看', alarm: '去看' }, kind: { wish: '新心愿', clash: '派重了', stock: '货架', conflict: '志愿者', join: '设备', award: '活动', quarantine: '设备', reserve: '预约留货', alarm: '要留意的' },
  t: { clash: '两边都派了：按“{winner}”的算，“{loser}”没算上', clashLost: '你派给“{loser}”的没算上，那边已经派给“{winner}”', stock: '{name}剩 {n}{unit}，少于下限 {minimum}', stockPlain: '{name}快没了', award: '“{name}”办完了，等着赋分', conflict: '{name}的{field}两处改得不一样', join: '“{name}”申请加入', quarantine: '{device}送来的 {n} 条没收下', quarantinePlain: '有 {n} 条送来的没收下', reserve: '{name}留了{goods}', reservePlain: '{name}留了 {n} 样东西' }, awaiting: '{n} 人到场', waited: '等了 {since}',
  activities: '今天的活动', activitiesNone: '今天没有活动', activitiesNoneText: '发布一场，手机上马上能报名。', to: '到 {at}', week: '看全部活动',
  points: '本月积分', span: '{a}至{b}，按日', awarded: '赋分', redeemed: '兑换', excel: '导出 Excel', hours: '服务时长', hoursSub: '本月，按类别', active: '活跃志愿者 {a} / {b}', hoursN: '{n} 小时', sessions: '{n} 场', attendances: '{n} 服务人次', none: '这个月还没有记录', noneText: '有了活动和兑换，这里就有图。', times: '{n} 次', chart: '每天赋分和兑换', unitHours: '小时', unitSessions: '场', unitTimes: '服务人次',
  start: '先做这几件', s1: '导入花名册', s1Text: '从 Excel 贴进来，一次上百人', s2: '添可兑物品', s2Text: '名称、几分、收了多少', s3: '让新电脑加入', s3Text: '实践站和爱心商家',
  justNow: '刚刚发生', justNowText: '各台电脑', jRedeem: '兑换 {name} {what}', jBack: '退回 {name} {what}', jSync: '和{name}同步', jSyncN: '收 {r} 条，发 {s} 条', jStock: '{name} {n}', jNone: '今天还没有动静', jNoneText: '兑换、收货、同步，都会一条一条出现在这里。', 
  stats: { title: '统计', month: '月份', volunteers: '注册志愿者', active: '活跃志愿者', sessions: '场次', attendances: '服务人次', minutes: '服务时长', awarded: '发放', redeemed: '兑换', deducted: '扣减', outstanding: '结余', rate: '兑换率', prev: '上个月', next: '下个月' },
}
