// Refusals about moving; they join those of fault.ts.
export default {
  people_move: 'Nobody was moved; please try again.',
  people_move_consent: 'Choose who agreed first.',
  people_move_agreement: 'This community is not ready: both agreements must say the same, and a letter of theirs must be here.',
  people_move_open: 'Debts, reservations, vouchers or wishes are open; nobody was moved.',
  people_move_elsewhere: '{points} points are not on this computer; all must be here first.',
  people_move_nothing: 'There are no points to take along; nobody was moved. They can simply register.',
  people_arrive: 'Nobody was taken in; please try again.',
  people_arrive_unknown: 'No letter brought this.',
  people_arrive_done: 'This person was taken in before; nothing was booked twice.',
  people_arrive_device: 'The points were sent to a former main computer and can\'t be taken in. Ask the other office.',
  people_arrive_paper: 'The data of this person is not on this computer; take in their letter again.',
  people_arrive_credit: '{points} points come along, {missing} points of credit are missing: not taken in. Settle first, or agree on more.',
}
