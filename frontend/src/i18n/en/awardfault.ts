// Refusals on award days; they join those of fault.ts.
export default {
  award: 'Nothing of this award day was changed.',
  award_title: 'The name has 1 to {max} characters.',
  award_unknown: 'There is no such day; look again.',
  award_elsewhere: 'The computer where this day was begun redeems. No points were taken.',
  award_many: 'A day has 1 to {max} people.',
  award_done: '{masked} has redeemed already, or is not listed. No points were taken.',
  award_gift: 'This is not on the list; look again.',
  award_giver: 'At most {max} characters for who delivered it.',
  award_notYet: 'Not redeemed yet, so it can\'t be delivered.',
  shop_cost: 'The cost must be between 0 and {max} yuan.',
}
