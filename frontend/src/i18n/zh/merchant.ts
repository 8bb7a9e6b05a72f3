// Merchants: how far they take points, guests of other communities, one computer in several.
export default {
  keeper: '店主积分', keeperHas: '累计 {lifetime}，今年 {year}', keeperNone: '没有写店主', keeperNoneText: '在志愿者的“资料”里写上经营的店铺，给商家的诚信、捐赠等积分就记在店主名下。', give: '记分',
  tab: '商家', scope: '通兑范围', home: '所属社区', until: '证书到期', credit: '还可兑', own: '本社区', guest: '{home}的商家', tillsCol: '兑换台', tills: '{n} 台', sum: '共 {n} 家',
  scopes: { community: '本社区', street: '本街道', district: '全区', city: '全市' },
  counts: '{name} {only} 家', countsWide: '{name}及以上 {n} 家', exact: '各范围', wide: '累计',
  siteAsk: '还没写本社区在哪个街道、哪个区：写了才能让商家到别的社区兑换。', saved: '{name}：{scope}', renew: '续证书', renewTitle: '给外社区商家续证书', renewText: '把商家电脑“设置”里的证书整段贴进来。', renewed: '证书已续', paste: '证书（JSS1: 开头）',
  none: '还没有商家', noneText: '在设备页加入一台爱心商家的电脑。',
  other: '其他社区', otherText: '通兑范围内的社区，可以在这台电脑上一起收。', mine: '通兑范围：{scope}', mineNone: '只在本社区兑换。要到别的社区也能兑，请本社区办公室放宽“通兑范围”。', waiting: '办公室已放宽范围，证书还在路上：联上网就到。', cert: '证书', certUntil: '{at} 到期', copy: '复制证书', copied: '证书已复制',
  join: '加入别的社区', joinText: '请那个社区的办公室开一张“爱心商家”加入凭条，把凭条上的字贴在这里。', ticket: '加入凭条', joinDo: '加入', joined: '已加入{name}', homeTag: '本社区', open: '切换', here: '现在', switch: '社区', moved: '这是{name}的居民，已切换到{name}', paid: '在{name}兑出的分，由{home}和{name}按月结清，再由{home}付给你们。这里只看兑换记录。',
}
