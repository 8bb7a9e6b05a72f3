export default {
  give: 'Voucher', title: 'Write a voucher', text: 'Points go into a slip of paper that is good at one place only, even where no network is. Nobody can spend them elsewhere meanwhile.', points: 'Points', till: 'Where', until: 'Good until', none: 'No other till yet', noneText: 'Let a shop or a station join first; then vouchers can be written for it.', have: '{n} points, {here} of them here', doIt: 'Write {n} points and print', issued: '{n} points, good at {till} only', list: 'Vouchers so far', slip: 'Print again', to: '{till}, until {day}',
  state: { open: 'open', used: 'used', expired: 'expired, will come back', returned: 'returned' }, kind: 'Voucher',
  only: 'Good here only', last: 'Last day', for: 'Bearer', scan: 'Let the shop scan this code; it needs no network.', once: 'Good once. A copy is worth nothing after the first use.', late: 'After its time the points come back by themselves.', who: 'from {community}',
  took: 'Voucher of {n} points taken; choose the goods', back: 'Send home', backDone: '{n} points sent home; they can be spent elsewhere',
}
