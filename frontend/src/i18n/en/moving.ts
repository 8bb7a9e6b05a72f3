// A person moves to another community with the points.
export default {
  open: 'Move away', title: '{name} moves to another community', tag: 'Moved to {name}', gone: 'Moved to {name} on {at} with {n} points.', arrivedAt: 'Taken in there on {at}.', notYet: 'No letter of theirs has said so yet.',
  mainOnly: 'Only the main computer can do this.', noPartner: 'No community is ready. Write an agreement under "Other communities" and exchange letters first.', to: 'To', choose: 'Choose a community',
  moves: 'What goes along', points: '{n} points of {period}', sums: 'Lifetime {lifetime}, this year {year}: they book the same', record: 'Name, phone, ID number, birthday and guardian, readable on their main computer only', stays: 'The record and every line stay here; the card is void at once.',
  first: 'To be settled first:', debt: '{n} points owed', reservations: 'Reservations not fetched: {n}', vouchers: 'Vouchers not used: {n}', orders: 'Wishes not done: {n}',
  gather: 'Some points are not on this computer:', elsewhere: '{device}: {n} points', onTheWay: 'On the way: {n} points', gatherText: 'Connect that computer and try again.', again: 'Gather again', nothing: 'There are no points to take along. They can simply register.',
  consent: 'Who agreed', self: 'The person, here', guardian: 'The guardian, here', type: 'Type the name once more', back: 'This cannot be undone.', do: 'Move away', done: 'Done. Write a letter to {name} under "Other communities": the points go with it',
  arrivals: 'Moving here', departures: 'Moved away', who: 'Name', from: 'From', where: 'To', n: 'Points', state: 'State', take: 'Take in', taken: '{name} is here with {n} points', takenOld: '{name} was registered already; {n} points were added',
  short: '{n} points of credit are missing; settle first, or agree on more', paper: 'The data is missing; take in their letter again', device: 'Sent to a former main computer; it can\'t be taken in', ready: 'to be taken in', doneAt: 'taken in on {at}', waiting: 'not yet taken in there', arrived: 'arrived, taken in on {at}', noted: '{who}, {at}, noted by {by}',
  like: 'May be registered', likeText: 'Somebody alike is registered here. If it is the same person, choose the record.', as: 'Register a new person', same: 'It is {name}, card {code}', sums2: 'lifetime {lifetime}, year {year}',
}
