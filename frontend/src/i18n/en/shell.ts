export default {
  brand: 'Jishan',
  nav: { home: 'Home', people: 'Volunteers', activities: 'Activities', points: 'Scheme', shop: 'Redeem', stats: 'Figures', devices: 'Devices', settings: 'Settings', till: 'Till', import: 'Import a roster', today: 'Today', reservations: 'Reservations', shelf: 'My offers', station: 'Work place' },
  find: 'Find people, activities, goods: name, pinyin, phone tail, card', findNothing: 'Nothing found for "{q}"', findHelp: 'Type a name, pinyin initials, the tail of a phone number or a card code', pages: 'Pages', goods: 'Goods', offerLine: '{points} points · {stock} left',
  gone: 'The program does not answer', synced: 'Synced {at}', onlineN: '{n} online', alone: 'Only this device', offline: 'Offline {since}', pending: '{n} waiting', attention: '{n} to settle', never: 'Not synced yet', allSafe: 'All synced',
  operator: 'Operator {name}', noOperator: 'No operator named', lock: 'Lock', locked: 'Locked', lockedText: 'Everything recorded is stored; syncing goes on.', unlock: 'Open', whoNow: 'Who is here now?', operatorName: 'Name of the operator', changeOperator: 'Change operator',
  sample: 'This is a sample community. Click around, nothing can break.', away: 'The program does not answer and is being looked for. What was recorded is safe; keep this page open.',
  offlineBanner: 'The network is down; work goes on. {n} entries are only on this computer and will sync by themselves.', offlineBannerKeep: 'The network is down; work goes on. Everything is stored on this computer.', offlineBannerNone: 'The network is down; work goes on. Everything recorded has a second copy.', backBanner: '{n} entries synced', howTo: 'What to do',
  doubt: 'This computer says today is {today}, but the last entry is from {last}. Is the date right? Nothing new is recorded until you say so.', doubtYes: 'The date is right', paused: 'Sync is cut off; work goes on.', resume: 'Connect', netError: 'Sync is not open: {why}', 
  popTitle: 'Sync', popOnly: 'Only on this computer', popOnlyNone: 'Every entry has a copy elsewhere', popLast: 'Last complete sync', popWith: 'Met with', popHelp: 'A device is missing? See whether it is on the same network, or exchange data by USB stick.', popOpen: 'Open devices', popNoDevices: 'No other device has joined yet', online: 'Online', offlineShort: 'Offline', lacks: '{n} missing',
  size: 'Size', clockOf: '{week}, {day}',
}
