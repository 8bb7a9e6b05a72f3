export default {
  brand: '积善',
  nav: { home: '首页', people: '志愿者', activities: '活动', orders: '服务单', jobs: '服务单', points: '积分细则', shop: '兑换', settle: '结算', honours: '评优', partners: '往来社区', mySettle: '我的结算', hub: '上报总览', publicity: '公示', stats: '统计', audit: '操作记录', devices: '设备', settings: '设置', till: '兑换台', import: '导入花名册', today: '今日', reservations: '预约留货', shelf: '我的可兑物品', station: '工作台' },
  find: '找人、活动、物品：姓名、拼音、手机尾号、卡号', findShort: '找人、活动、物品', findNothing: '没有找到“{q}”', findHelp: '可以输姓名、拼音首字母、手机尾号或卡号', pages: '页面', goods: '物品', offerLine: '{points} 分 · 余 {stock}',
  gone: '程序没有应答', synced: '已同步 {at}', onlineN: '{n} 台在线', alone: '只有这一台', offline: '断网 {since}', unmet: '没连上 {since}', justOff: '刚断网', justUnmet: '刚断开', pending: '{n} 条待同步', attention: '{n} 条需要处理', never: '还没同步过', allSafe: '都同步了',
  operator: '经办人 {name}', noOperator: '还没写经办人', lock: '锁定', locked: '已锁定', lockedText: '记下的都存好了，同步照常进行。', unlock: '打开', whoNow: '现在谁在用？', operatorName: '经办人姓名', changeOperator: '换经办人',
  openTitle: '请输入打开码', openText: '谁开的程序，谁才能打开这些页面。启动程序的那个窗口里写着六位数字的打开码，也可以直接点那里的整条链接。', openCode: '打开码', openLost: '找不到那个窗口？关掉程序再开一次，会给出新的打开码。记下的都在。',
  sample: '这是示例社区，随便点，不会弄坏什么。', away: '程序没有应答，正在找它。已经记下的都在，先别关掉这一页。',
  cutBanner: '现在断网了，照常能用。', unmetBanner: '连不上社区的别的电脑：它们没开，或者网不通。照常能用。', offlineBanner: '{n} 条只在这台电脑上，连上后自动同步。', offlineBannerKeep: '记下的都存在这台电脑上。', offlineBannerNone: '记下的别处都有一份。', backBanner: '{n} 条已同步', howTo: '怎么办',
  doubt: '这台电脑说今天是 {today}，可最后一笔记在 {last}。日期对吗？确认前先不记新的。', doubtYes: '日期对，继续记', paused: '已断开同步，照常能用。', resume: '接上', netError: '同步没打开：{why}', 
  popTitle: '同步', popRefused: '没收下的 {n} 条', popOnly: '只在这台电脑上', popOnlyNone: '记下的每一条，别处都有一份', popLast: '上次全部同步', popWith: '和谁见过面', popHelp: '找不到设备？看看是不是同一个网络，或者用 U 盘交换数据。', popOpen: '打开设备页', popNoDevices: '还没有别的设备加入。', online: '在线', offlineShort: '不在线', lacks: '还差 {n} 条',
  size: '字号', clockOf: '{day} {week}',
}
