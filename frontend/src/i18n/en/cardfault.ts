export default {
  deduct_points: 'Enter 1 to {max} points.',
  deduct_reason: 'Say why, in at most {max} characters.',
  card: 'This card cannot be used now.',
  card_rule_bad: 'Enter 0 to {max} points.',
  people_pin_bad: 'A PIN has {min} to {max} digits.',
  people_pin_weak: 'This PIN is guessed first; not 1234 or 0000, please.',
  people_pin_pepper: 'This computer has not been told what PINs need yet: connect once, then try again.',
  till_proof: 'More than {above} points today: the card’s PIN or your word is needed. Nothing was taken.',
  till_pin: 'Wrong PIN. Nothing was taken.',
  till_pin_none: 'This card has no PIN: check the person.',
  till_pin_wrong: 'Wrong PIN, nothing was taken. After {left} more there is a long wait.',
  till_pin_wait: 'Wrong {tries} times in a row: wait {seconds} seconds. Nothing was taken. A forgotten PIN is set anew at the office; in a hurry, you may check the person.',
}
