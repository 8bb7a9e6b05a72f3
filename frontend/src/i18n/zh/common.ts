export default {
  details: '细节', retry: '再试一次', again: '再来一次', close: '关上', no: '先不', cancel: '取消', save: '存好', done: '好了', back: '返回', more: '更多',
  loading: '正在读取', stop: '停下', broken: '这一页没能显示出来', brokenSafe: '已经记下的都在，别的页照常能用。换一页再回来，或者再来一次。',
  range: '第 {from}–{to} 个，共 {total} 个', prevPage: '上一页', nextPage: '下一页',
  points: '{n} 分', pointsUnit: '分', outside: '要填 {min} 到 {max} 的整数{unit}，现在的没有记下', people: '{n} 人', items: '{n} 条', times: '{n} 次', sessions: '{n} 场', minutes: '分钟', minutesN: '{n} 分钟', hours: '小时',
  excel: 'Excel', print: '打印', search: '查找', all: '全部', none: '无', today: '今天', tomorrow: '明天', yesterday: '昨天', now: '现在', never: '从没有', unknown: '不知道', erased: '（已随个人资料删除）', unread: '（这台电脑暂时读不到）',
  clockBad: '没有这个时间，照 9:30 这样写', dayPh: '年-月-日', monthPh: '年-月', dayBad: '没有这一天，照 2026-3-26 这样写', dayLate: '不能晚于 {day}',
  lifetime: '累计积分', year: '年度积分', spendable: '可用积分', here: '此处可兑', vouchers: '券里', onTheWay: '待到账',
  role: { office: '社区办公室', station: '实践站', merchant: '爱心商家' },
  role_office: '社区办公室', role_merchant: '爱心商家',
  showNames: '显示全名', hideNames: '遮住姓名', undo: '撤销', booked: '已到账', copied: '已复制', copy: '复制', optional: '可不填', required: '要填', from: '从', to: '到',
  fileNotRead: '这个文件读不出来', chooseFile: '选文件', working: '正在办', saved: '已存好', remove: '去掉', add: '添加', edit: '修改', on: '开', off: '关', yes: '是', list: '、', colon: '：',
}
