// A new computer of the same room joins by six digits: the office's side, then the new computer's from `first` on.
export default {
  near: 'Add nearby', nearText: 'On the new computer open Jishan, choose “Join a community”, then “Offices nearby”.', left: 'open for {n} s', over: 'Time is up; it is closed.', openAgain: 'Open for two more minutes',
  list: 'Computers that ask to join', none: 'No computer has knocked yet', noneText: 'Once the new computer has chosen this office, it appears here.', address: 'The new computer does not see this office? Let it type this address:', unnamed: 'A computer without a name',
  pick: 'This one', notMine: 'Leave those alone that you don’t know.', as: 'Let “{name}” join', asDo: 'Next: compare digits', picking: 'Connecting to “{name}”',
  type: 'Type the six digits of the new computer', typeText: 'Read them on the screen of “{name}”. If they differ, it is another computer: don’t let it join.', code: 'Six digits', typeDo: 'Compare', tries: '{n} tries left',
  matched: 'The digits match', matchedText: 'Now press “join” on the new computer.', joining: 'The new computer is joining', joined: '“{name}” has joined', joinedText: 'Its data is on the way; that takes seconds.', another: 'Add another', done: 'Done',
  first: 'Offices nearby', firstText: 'On one network with the office’s computer no ticket is needed: both sides compare six digits.', firstDo: 'Look for offices nearby', byTicket: 'I have a ticket', newName: 'New computer', myName: 'This computer’s name', myNameHint: 'the office sees it',
  looking: 'Looking', offices: 'Offices found', noOffice: 'No office seen yet', noOfficeText: 'Ask the office to press “Add nearby” on its devices page; it holds for two minutes.', knock: 'Join this one', typed: 'Not there? Type the address of the office’s computer', typedPh: 'e.g. 192.168.1.20:8421', typedHint: 'it is shown in the office’s window', typedDo: 'Find by address', lanOff: 'This computer does not look around on the network; type the address.',
  waiting: 'Knocked; the office has to choose this computer', waitingText: 'Ask the office to choose “{name}” under “Add nearby”.', stop: 'Don’t join',
  compare: 'Let the office type these six digits', compareText: 'Press join when the office’s screen says “The digits match”. If they differ, don’t join.', who: 'Community', office: 'Office computer', role: 'Used as', place: 'Place', name: 'Name',
  agree: 'The office says they match: join', agreed: 'Waiting for the office to type the six digits', again: 'Try again', ended: 'Not joined',
}
