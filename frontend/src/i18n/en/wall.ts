// The screen in the hall.
export default {
  open: 'Wall screen', month: 'This month', awarded: 'Points awarded', redeemed: 'Points redeemed', points: 'points', hours: 'Served', hoursUnit: 'hours', volunteers: 'Volunteers', people: 'people', pointsN: '{n} points',
  activities: 'Coming up', honours: 'New levels', ranking: 'Ranking', red: 'Red list', yellow: 'Yellow list', today: 'Today', tomorrow: 'Tomorrow', free: '{n} places left', full: 'Full', leave: 'Leave the wall', part: 'Page {n} of {of}',
}
