export default {
  title: 'Consent', open: 'Consent', none: 'not noted yet', given: 'agreed {at}', off: 'withdrawn {at}', saved: 'Noted',
  of: { identity: 'Name, ID number, birthday', contact: 'Phone, address', care: 'Note, guardian, skills, shop', photo: 'Pictures' },
  for: { identity: 'to know who it is, and register nobody twice', contact: 'to reach the person, to visit by grid', care: 'to help, and give fitting work', photo: 'to show what was done' },
  what: 'About which data', says: 'The person', yes: 'agrees', no: 'withdraws', how: 'How it was said', by: { paper: 'in writing', desk: 'at the desk', phone: 'by telephone' }, day: 'On which day', save: 'Note it', log: 'Said so far',
  offNote: 'Consent withdrawn: {of}',
  kept: 'The consent to “{of}” was withdrawn, and the data are still here. Remove what is not needed under “Edit”.',
}
