export default {
  newcomer_off: '手机页上现在不收登记申请。请到办公室或实践站登记。',
  newcomer_full: '等着核对的申请太多了。请过几天再来，或者到办公室登记。',
  newcomer_unknown: '没有这份申请。',
  newcomer_ended: '这份申请已经办过了。',
  newcomer_unread: '这份申请的内容还没送到这台电脑，过一会再试。',
  newcomer_reason: '写上为什么退回，最多 {max} 个字。',
  newcomer_whom: '请选为谁申请。',
  newcomer_phone: '请填电话。',
  newcomer_wishes: '想做什么最多写 {max} 个字。',
  newcomer_consent: '要本人同意留存这些资料才能登记。',
}
