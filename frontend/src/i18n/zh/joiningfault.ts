// Refusals about joining; they join those of fault.ts.
export default {
  people_join: '没有合并，请再试一次。',
  people_join_self: '这是同一份登记。',
  people_join_alone: '这份登记没有和别的合并。',
  people_join_many: '一个人最多合并 {max} 份登记。再多，请先核对是不是合错了人。',
  voucher_joined: '这位居民有几份登记，一张兑换券最多开 {most} 分，请分几张开。',
}
