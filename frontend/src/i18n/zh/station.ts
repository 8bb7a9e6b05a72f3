export default {
  home: '工作台', checkin: '签到/签退', checkinText: '扫证，或者报手机尾号', deed: '登记服务', deedText: '做了好事，记一笔', redeem: '兑换', redeemText: '积分换东西', query: '查询', queryText: '我有多少分', more: '更多', moreList: '新人登记 · 收货盘点 · 日结 · 交换数据 · 设置', close: '关上',
  register: '新人登记', registerText: '登记就有 10 分', stock: '收货盘点', stockText: '货架上的进出', day: '日结', dayText: '今天记了什么，同步了没有', exchange: '交换数据', exchangeText: '插上 U 盘就行', settings: '设置', settingsText: '字号、语言、网络', activities: '活动', activitiesText: '报名、发布、名单',
  voice: '朗读', voiceOn: '朗读 开', voiceOff: '朗读 关', size: '大小', noActivity: '今天没有活动', absent: '还有 {n} 人没来', which: '哪一场？', todayNone: '今天没有活动', todayNoneText: '到办公室或“活动”里发布一场，这里就能签到。', toList: '看名单', find: '报姓名或手机尾号', whoHere: '扫志愿者证，或敲尾号、姓名', book: '看存折', again: '查下一位', spoken: '{name}，可用积分 {n} 分', spokenIn: '{name}，签到', spokenOut: '{name}，签退', queryHelp: '扫一下证，就知道有多少分。', print: '打印存折',
  dayDeeds: '今天登记的服务', deedSum: '{n} 笔，{points} 分', deedNone: '今天没有单独登记的服务', dayTitle: '日结', daySynced: '今天记下的都同步了', dayPending: '{n} 条只在这台电脑上', dayPendingText: '都存好了，断电也不丢。连上别的电脑，或者用 U 盘交换一下。', dayRedeem: '今天兑换', dayActivities: '今天的活动', dayLast: '上次同步', dayPrint: '打印', dayStock: '今天进出的货',
}
