// Pictures of claims and deeds.
export default {
  title: '照片 · {name} {text}', button: '照片', count: '照片 {n}', withdrawn: '本人已撤回拍照片的同意：不能再加，已有的和本人商量，点开可以撤下。', add: '添加照片', none: '还没有照片。', text: '最多 {max} 张。照片会缩小，并去掉拍摄地点等信息；和本人的资料一样加密，看的人都是经办人员。',
  alt: '{at} 的照片', by: '{at} · {by}', page: '本人手机', why: '为什么撤下，例如：拍错人了', down: '撤下', line: '照片：本机 {here} 张（{size}）', lineAway: '，另有 {n} 张在别的电脑，看时再取',
  ofLine: '照片 · {text}',
}
