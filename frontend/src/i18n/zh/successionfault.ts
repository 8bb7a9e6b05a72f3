export default {
  govern_standby_other: '这台不是备用主电脑，没有改动。请用恢复密钥接替。',
  recovery_cut: '这台自己断开着同步，看不到主电脑还在不在。先接上同步。没有改动。',
  recovery_early: '主电脑不久前还有音讯，再过 {hours} 小时还没有，才能由备用的接替。没有改动；急用就拿恢复密钥。',
  above: '上级这一步没有做成，没有改动。',
  above_own: '这是本社区自己的，要上级的。',
  above_none: '主电脑没有写明上级，不能由上级指定。没有改动。',
  above_newer: '这是新版程序写的，请先更新程序。',
  above_request_bad: '这不是社区的申请，或者缺了一截。请整段复制再贴。',
  above_fingerprint: '核对码不一样，没有指定。可能申请被人换过，请再打电话核对。',
  above_appointment_bad: '这不是上级的指定书，或者缺了一截。请整段复制再贴。',
  above_appointment_other: '这份指定书不是给这台的，或者不是写明的上级开的，或者已经用过。没有改动。请重新申请。',
}
