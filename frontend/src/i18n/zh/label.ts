export default {
  open: '打印价签', title: '打印价签', text: '一样一张，剪下来贴在货架上。码可以用兑换台的扫码枪扫；改了价，再打一张。', sizeOf: '大小', size: { large: '大，每页 {n} 张', small: '小，每页 {n} 张' }, all: '全部 {n} 样', print: '打印 {n} 张，{pages} 页', per: '分 / {unit}', points: '分', scan: '兑换台扫码',
}
