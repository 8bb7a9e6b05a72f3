// The ranking.
export default {
  title: 'Recognition', tab: { ranking: 'Ranking' }, whom: 'Rank whom', when: 'Which time', by: { people: 'People', households: 'Households', grids: 'Grids', teams: 'Teams' }, house: 'Family of {name}',
  off: 'The ranking is off', offText: 'Nobody is ranked unless the community decides so. Who does not want to be listed has "Not in lists" ticked in the own data; on paper and phones names are masked.', offOnly: 'The office\'s main computer switches it on.', turnOn: 'Switch the ranking on', turnOff: 'Switch it off', onPhone: 'Show it on phones, too',
  sure: { desk: 'Switch the ranking on?', phone: 'Show the ranking to residents on their phones?' }, sureText: { desk: 'It is seen on the screens of office and stations and may be printed for a wall, with names masked.', phone: 'Residents who are signed in see the first 20, with names masked and their own row marked.' },
  rank: 'Rank', members: 'People', points: 'Points', pointsN: '{n} points', inMonth: '{year}, month {n}', none: 'Nobody earned points in that time', noneText: 'As soon as somebody does, it stands here.', first: 'The first {n} of {total} with points', out: '{n} left out because somebody objects', seenDesk: 'Only staff see this page.', seenPhone: 'Residents see the first 20 on their phones, with names masked.',
  sheet: { people: 'People, {span}', households: 'Households, {span}', grids: 'Grids, {span}', teams: 'Teams, {span}', foot: 'Who does not want to be listed is left out. Points are given by the community\'s rulebook; the office answers questions.' },
}
