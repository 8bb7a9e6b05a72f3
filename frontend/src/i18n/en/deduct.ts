export default {
  title: 'Deduct', text: '{name} can spend {spendable} points now. A deduction lessens this year’s points too; lifetime points stay.', points: 'Points', reason: 'Why', reasonHint: 'what happened; no other people’s names', owes: 'Not enough is there: {n} points will be owed and paid from later income.', by: 'By {name}, as the passbook will say', doIt: 'Deduct {n} points', done: '{n} points deducted from {name}', doneDebt: '{n} points deducted from {name}, {debt} owed', debt: 'Owed',
}
