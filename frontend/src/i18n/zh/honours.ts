// The ranking, and the tabs beside it.
export default {
  title: '评优', tab: { ranking: '排行榜', assess: '评议', selection: '评选' }, whom: '排谁', when: '哪段时间', by: { people: '个人', households: '家庭', grids: '网格', teams: '队伍' }, house: '{name}家',
  off: '排行榜没有打开', offText: '默认不排名。开会商定后再打开；不愿上榜的人在他的资料里勾“不上榜”，打印和手机上名字遮着显示。', offOnly: '由办公室主电脑打开。', turnOn: '打开排行榜', turnOff: '关掉排行榜', onPhone: '手机上也显示',
  sure: { desk: '打开排行榜？', phone: '让居民在手机上看到排行榜？', back: '不再在手机上显示？' }, sureYes: { desk: '打开排行榜', phone: '手机上也显示', back: '不再显示' }, sureText: { back: '居民在手机上不再看得到排行榜；办公室和实践站的屏幕上还看得到。', desk: '办公室和实践站的屏幕上看得到，可以打印张贴，打印时名字遮着。', phone: '登录的居民看得到前 20 名，名字遮着，自己的那一行有标记。' },
  rank: '名次', members: '人数', points: '积分', pointsN: '{n} 分', inMonth: '{year} 年 {n} 月', none: '这段时间还没有人得分', noneText: '有人得了分，这里就排出来。', first: '前 {n} 名，共 {total} 个有分', out: '{n} 个因为有人不愿上榜没有列出', seenDesk: '只有社区工作人员看得到这一页。', seenPhone: '居民在手机上看得到前 20 名，名字遮着。',
  sheet: { people: '{span}个人积分榜', households: '{span}家庭积分榜', grids: '{span}网格积分榜', teams: '{span}队伍积分榜', foot: '不愿上榜的没有列出。积分按社区积分细则记，有疑问请问社区办公室。' },
}
