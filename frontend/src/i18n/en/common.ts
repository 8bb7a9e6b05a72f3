export default {
  details: 'Details', retry: 'Try again', again: 'Again', close: 'Close', no: 'Not now', cancel: 'Cancel', save: 'Save', done: 'Done', back: 'Back', more: 'More',
  loading: 'Reading', stop: 'Stop', broken: 'This page could not be shown', brokenSafe: 'Everything recorded is safe and the other pages work. Open another page and come back, or try again.',
  range: '{from}–{to} of {total}', prevPage: 'Previous page', nextPage: 'Next page',
  points: '{n} points', outside: 'Write a whole number from {min} to {max} {unit}; this one is not booked', pointsUnit: 'pts', people: '{n} people', items: '{n} entries', times: '{n} times', sessions: '{n} sessions', minutes: 'minutes', minutesN: '{n} minutes', hours: 'hours',
  excel: 'Excel', print: 'Print', search: 'Search', all: 'All', none: 'None', today: 'Today', tomorrow: 'Tomorrow', yesterday: 'Yesterday', now: 'Now', never: 'Never', unknown: 'Not known', erased: '(erased with the personal data)', unread: '(not readable on this computer yet)',
  clockBad: 'There is no such time; write it like 9:30', dayPh: 'yyyy-mm-dd', monthPh: 'yyyy-mm', dayBad: 'There is no such day; write it like 2026-3-26', dayLate: 'Not later than {day}',
  lifetime: 'Lifetime', year: 'This year', spendable: 'Spendable', here: 'Here', vouchers: 'In vouchers', onTheWay: 'On the way',
  role: { office: 'Office', station: 'Station', merchant: 'Merchant' },
  role_office: 'Office', role_merchant: 'Merchant',
  showNames: 'Show full names', hideNames: 'Mask names', undo: 'Undo', booked: 'Booked', copied: 'Copied', copy: 'Copy', optional: 'optional', required: 'required', from: 'From', to: 'to',
  fileNotRead: 'This file cannot be read', chooseFile: 'Choose a file', working: 'Working', saved: 'Saved', remove: 'Remove', add: 'Add', edit: 'Edit', on: 'on', off: 'off', yes: 'Yes', list: ', ', colon: ': ',
}
