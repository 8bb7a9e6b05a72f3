// Refusals about settlements; they join those of fault.ts.
export default {
  settle: 'No settlement was touched.',
  settle_peg: 'Nobody said what a point is worth; say so in the settings or in the merchant\'s account. Nothing was settled.',
  settle_full: 'This merchant has no room for another settlement this year.',
  settle_unknown: 'There is no such settlement.',
  settle_paid: 'Settlement {number} was paid before; nothing was noted twice.',
  settle_nothing: 'Settlement {number} owes nothing.',
  settle_reference: 'Give the bank\'s batch number, at most {max} characters.',
  settle_merchant: 'There is no such merchant.',
  settle_terms: 'One field is not right; nothing was saved.',
  settle_empty: 'Nothing is to be paid, the sheet would be empty.',
}
