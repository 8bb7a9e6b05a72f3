// The community's money: received, given out, granted.
export default {
  yuan: 'CNY {n}', inDo: 'Received', outDo: 'Given out', useDo: 'Note a use', in: 'Received', out: 'Given out', sum: 'Sum', share: '{n}% from donors, goods among it', before: 'CNY {n} when the year began', beforeShort: 'When the year began', left: 'Left',
  kind: { county: 'From above', donation: 'Donation', own: 'Own money', goods: 'Donated goods', support: 'Grant', settle: 'Merchants', purchase: 'Purchase', other: 'Other', use: 'Use of a grant' },
  cover: 'Is it enough', points: '{n} points held, CNY {unit} each', pointsOnly: '{n} points held', owed: 'Owed to merchants', money: 'Money', goods: 'Goods on the shelves, at cost', noCost: 'And {n} pieces without a cost, not counted.', noUnit: 'Nobody said what a point is worth: see Settings.', short: 'CNY {n} missing if everybody came.', enough: 'Enough; CNY {n} beyond.',
  grants: 'Grants', entries: 'Entries', count: 'Entries: {n}', none: 'Nothing entered for this year', noneText: 'Money from above and from donors, grants, settlements and purchases are entered here. The program pays nothing, it keeps the book.',
  col: { day: 'Day', kind: 'Kind', fen: 'CNY', who: 'From or to', to: 'Project, team', word: 'What for', voucher: 'Voucher', by: 'By', grant: 'Granted', used: 'Used', left: 'Left' },
  inSum: 'Received in all', outSum: 'Given in all', goodsBeside: 'Besides, goods donated (no money)', minus: 'Only {n} yuan are there; the balance would be negative.', otherYear: 'The day is in {y} and counts in that year.',
  opposite: 'Opposite: {why}', undone: 'undone', undo: 'Undo', undoTitle: 'Undo this entry?', undoText: 'It stays, and the opposite is entered for today.', why: 'Why', undoDo: 'Enter the opposite', undid: 'The opposite is entered',
  title: { in: 'Money received', out: 'Money given out', use: 'Use of a grant' }, from: 'From whom', to: 'To whom', over: 'Only CNY {n} left', useText: 'CNY {n} of the grant to {who} are left.', won: 'The selection set CNY {n}.', wonDo: 'Use it', goodsText: 'The worth of donated goods: a source, but no money. The goods themselves are received on the shelf.', saved: 'Entered',
  paper: 'Account of the money', sign: { keeper: 'Kept by', checker: 'Checked by', lead: 'Lead (stamp)' },
}
