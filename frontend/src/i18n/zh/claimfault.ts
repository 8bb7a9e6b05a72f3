// Refusals about claims; they join those of fault.ts.
export default {
  claim: '申报没有存。',
  claim_unknown: '没有这条申报，或者它还没同步到这台电脑。',
  claim_state: '这条已经变了，刷新后再看。',
  claim_double: '{date} 的这一项已经申报过了，不用再报。',
  claim_people: '一次要选 1 到 {max} 户。',
  claim_via: '没有写清是谁报的。',
  claim_self: '这一项不能自己申报，请到社区或找网格员。',
  claim_many: '等着审核的已有 {max} 条，等审完再报。',
  claim_why: '要写理由，最多 {max} 个字。',
  claim_text: '要写申诉的内容，最多 {max} 个字。',
  claim_how: '要选怎么告知的。',
  claim_own: '自己登记的要由另一位经办人确认、审核或答复。',
  claim_onTheWay: '这笔分还在路上，记好以后再撤销。',
}
