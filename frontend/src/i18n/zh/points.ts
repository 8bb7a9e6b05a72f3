export default {
  title: '积分细则', version: '第 {n} 版', from: '{at} 起，{by} 定', edit: '改成新的一版', saveNew: '存成第 {n} 版', discard: '不改了', saved: '第 {n} 版已生效', note: '旧的记录还按旧版算，新版只管以后的。', col: { code: '编号', group: '类别', name: '积分项', kind: '算法', points: '积分', minutes: '每满', dayCap: '一天最多', witness: '见证' },
  time: '按时间', deed: '按次', deduct: '扣分', perDeduct: '每次扣 {points} 分', perTime: '每满 {minutes} 分钟 {points} 分', perDeed: '每次 {points} 分', noCap: '不限', witness: '要见证', add: '加一项', remove: '去掉这一项', none: '还没有积分项', noneText: '定下做什么给几分，才能赋分。', codeTwice: '编号 {code} 用了两次', nameMissing: '第 {n} 行没写名称', codeMissing: '第 {n} 行没写编号', changed: '改了 {n} 项', minutes: '分钟', sureTitle: '让第 {n} 版生效？', sureText: '各台电脑同步后都按新版算。以前的记录不变。', sureDo: '生效',
}
