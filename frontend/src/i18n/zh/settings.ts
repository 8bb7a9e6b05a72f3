export default {
  title: '设置', look: '样子', theme: '颜色', themes: { light: '浅色', dark: '深色', contrast: '高对比', auto: '跟电脑' }, size: '字号', sizeText: '整个屏幕一起变大', lang: '语言', langs: { zh: '简体中文', en: 'English' },
  words: '叫法', stationWord: '站点叫什么', stationWords: '实践站、兑换点、积分超市……', unit: '1 积分值', unitText: '0 是不写明', yuan: '元', net: '网络', lan: '本地网络', lanText: '自动找到同一网络里的本社区电脑', phone: '手机页面', phoneText: '同一网络里的手机能打开，用来报名、签到、看积分', phoneAddress: '监听地址', phoneUrl: '手机上打开', phoneOff: '没打开', operator: '经办人', about: '关于', version: '版本 {v}', community: '{name} · {parent}', device: '{name} · {role}', privacy: '除了本社区登记的设备，不联系任何地方。', voice: '朗读', saved: '已存好', paper: '小票', autoReceipt: '兑完自动打小票', onThis: '只管这台电脑', network: '网络与安全', scanPhone: '扫一扫打开',
}
