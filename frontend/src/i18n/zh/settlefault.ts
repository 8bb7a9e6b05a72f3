// Refusals about settlements; they join those of fault.ts.
export default {
  settle: '结算没有动。',
  settle_peg: '还没写一分值多少钱，先到设置里写上，或者在商家账户里写。没有结。',
  settle_full: '这个商家今年的结算单满了，明年再结。',
  settle_unknown: '没有这张结算单。',
  settle_paid: '第 {number} 号结算单已经付过了，一笔也没有重复记。',
  settle_nothing: '第 {number} 号结算单没有要付的钱。',
  settle_reference: '写上银行的批次号，最多 {max} 个字。',
  settle_merchant: '没有这个商家。',
  settle_terms: '有一栏填得不对，没有存。',
  settle_empty: '没有要付的，付款表是空的。',
}
