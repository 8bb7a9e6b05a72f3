import action from './auditaction'

// Who did what, what was not taken, what was said twice, who was forgotten where.
export default {
  title: 'Records',
  tab: { log: 'Who did what', refused: 'Not taken', differ: 'Conflicts and doubles', erasures: 'Erasures' },
  about: { log: 'Everything that was written on any computer; nothing is ever removed', refused: 'What other computers sent and did not pass the checks', differ: 'Computers say different things; somebody has to look', erasures: 'Done when every computer has said so' },
  from: 'From', to: 'To', what: 'Kind', who: 'Operator', device: 'Device', person: 'Resident', pick: 'Name or phone', all: 'All', clear: 'Clear the filter', none: 'No such records', noneText: 'Try other days, or fewer conditions.', noneYet: 'Nothing yet', noneYetText: 'Every registration, award, redemption and setting adds a line here.', excel: 'Export to Excel',
  col: { at: 'When', what: 'What', whom: 'Whose', points: 'Points', by: 'By', device: 'Device', rule: 'Under which rule', number: 'Number', receipts: 'Receipts', missing: 'Missing' },
  item: '{item} · rulebook version {n}', law: 'charter {at}', page: 'On the phone', backwards: 'The end is before the beginning', more: '({n} more ids)', itself: 'by itself',
  kind: {
    award: 'Award', deduct: 'Deduction, expiry', correct: 'Correction', redeem: 'Redemption', stock: 'Stock', rights: 'Points moved between devices', people: 'Residents\' data', erase: 'Erasure', decide: 'Claims and reviews', activity: 'Activity', order: 'Order', shop: 'Shelf and reservations',
    scheme: 'Rulebook', govern: 'Devices and rules', operator: 'Operators', settle: 'Settlement', paper: 'Reports and certificates', view: 'Look at data', export: 'Export of data',
  },
  action,
  refusedNone: 'All taken', refusedNoneText: 'Whatever other computers sent has passed the checks.', doRefused: 'Update the program on {name} and sync again; if it stays so, look at that computer. Its own records are all there.', doUnseen: 'Find out who recorded it. What really happened can be made to count; leave the rest alone, it stays hidden.', count: 'Let all of {name} count', countSure: 'Let the {n} entries of {name} count that came to light after its revocation?', countText: 'They will be shown everywhere, and points that are due will be given. Only do this if your own people recorded them, not for what was recorded after a theft.', countYes: 'Let them count', countDone: 'These records count now', unseen: 'does not count: came to light after the revocation', doBroke: 'Look at {name}; if in doubt, revoke it under Devices.',
  differNone: 'Nothing differs', differNoneText: 'When two computers change the same thing or somebody is registered twice, it comes here.',
  erasureText: 'To erase is to destroy keys: each computer of the office and the stations writes a receipt when it has. Nobody can tell any more whose they were.', erasureNone: 'Nobody was erased yet', receipts: '{n} of {of} have erased', missingOnline: '{name} is connected and follows now', missingSince: '{name} has not been seen since {at}', missingNever: '{name} was never seen',
}
