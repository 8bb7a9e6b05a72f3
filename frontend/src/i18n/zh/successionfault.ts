export default {
  govern_standby_other: '这台不是备用主电脑，没有改动。请用恢复密钥接替。',
  recovery_cut: '这台自己断开着同步，看不到主电脑还在不在。先接上同步。没有改动。',
  recovery_early: '主电脑不久前还有音讯，再过 {hours} 小时还没有，才能由备用的接替。没有改动；急用就拿恢复密钥。',
}
