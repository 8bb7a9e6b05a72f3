// Who did what, what was not taken, what was said twice, who was forgotten where.
export default {
  title: 'Records',
  tab: { log: 'Who did what', refused: 'Not taken', differ: 'Conflicts and doubles', erasures: 'Erasures' },
  about: { log: 'Everything that was written on any computer; nothing is ever removed', refused: 'What other computers sent and did not pass the checks', differ: 'Computers say different things; somebody has to look', erasures: 'Done when every computer has said so' },
  from: 'From', to: 'To', what: 'Kind', who: 'Operator', device: 'Device', person: 'Resident', pick: 'Name or phone', all: 'All', clear: 'Clear the filter', none: 'No such records', noneText: 'Try other days, or fewer conditions.', noneYet: 'Nothing yet', noneYetText: 'Every registration, award, redemption and setting adds a line here.', excel: 'Export to Excel',
  col: { at: 'When', what: 'What', whom: 'Whose', points: 'Points', by: 'By', device: 'Device', rule: 'Under which rule', number: 'Number', receipts: 'Receipts', missing: 'Missing' },
  item: '{item} · rulebook version {n}', law: 'charter {at}', more: 'and {n} more', itself: 'by itself',
  kind: {
    award: 'Award', deduct: 'Deduction, expiry', correct: 'Correction', redeem: 'Redemption', stock: 'Stock', rights: 'Points moved between devices', people: 'Residents\' data', erase: 'Erasure', decide: 'Claims and reviews', activity: 'Activity', order: 'Order', shop: 'Shelf and reservations',
    scheme: 'Rulebook', govern: 'Devices and rules', operator: 'Operators', settle: 'Settlement', paper: 'Reports and certificates', view: 'Look at data', export: 'Export of data',
  },
  action: {
    people_register: 'Registered', people_update: 'Changed data', people_card: 'Card replaced or blocked', people_household: 'Changed a household', people_erase: 'Erased', people_receipt: 'Receipt of an erasure', people_joinAsk: 'Asked whether two are one', people_joinAnswer: 'Decided whether two are one', people_base: 'Base points',
    people_say: 'Wrote a reason', claim_post: 'Made a claim', scheme_save: 'Changed the rulebook', govern_certify: 'Device joined', govern_revoke: 'Device revoked', govern_policy: 'Changed a rule', govern_recovery: 'New recovery key', operator_change: 'Changed an operator', operator_withdraw: 'Withdrew an operator', operator_unlock: 'Reset a PIN',
    shop_save: 'Changed the shelf', till_reserve: 'Reserved', till_endReservation: 'Ended a reservation', settle_make: 'Made a statement', settle_pay: 'Noted a payment', assess_begin: 'Began an assessment', assess_score: 'Scored households', assess_here: 'Noted who was there', assess_publish: 'Published an assessment', assess_object: 'Noted an objection', assess_answer: 'Answered an objection', assess_paid: 'Claimed assessed points', assess_booked: 'Booked an assessment', assess_drop: 'Dropped an assessment', hours_issue: 'Issued a certificate', request_undo: 'Asked another computer to correct', ledger_collect: 'Debt paid', ledger_idle: 'Idle points moved',
  },
  refusedNone: 'All taken', refusedNoneText: 'Whatever other computers sent has passed the checks.', doRefused: 'Update the program on {name} and sync again; if it stays so, look at that computer. Its own records are all there.', doBroke: 'Look at {name}; if in doubt, revoke it under Devices.',
  differNone: 'Nothing differs', differNoneText: 'When two computers change the same thing or somebody is registered twice, it comes here.',
  erasureText: 'To erase is to destroy keys: each computer of the office and the stations writes a receipt when it has. Nobody can tell any more whose they were.', erasureNone: 'Nobody was erased yet', receipts: '{n} of {of} have erased', missingOnline: '{name} is connected and follows now', missingSince: '{name} has not been seen since {at}', missingNever: '{name} was never seen',
}
