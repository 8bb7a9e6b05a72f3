// What people have taken on for longer than a day: duties that come back, spots, trees.
export default {
  title: 'Lasting tasks', text: 'Regular duties, adopted spots and trees', open: 'Add a task', opened: 'Added.', none: 'No lasting tasks yet', noneText: 'Check the wiring every day, clear the stairs every week, look after a corner: who does it and how often is seen here, and one press records the service.',
  show: { left: 'Still to do', all: 'All', ended: 'Ended' }, allDone: 'All done for now', noneHere: 'None',
  kind: { duty: 'Regular duty', spot: 'Adopted spot', tree: 'Adopted tree' }, per: { day: 'Every day', week: 'Every week', month: 'Every month' },
  often: { day: '{n} a day', week: '{n} a week', month: '{n} a month' }, now: { day: 'Today {done}/{times}', week: 'This week {done}/{times}', month: 'This month {done}/{times}' }, before: { day: 'Yesterday {done}/{times}', week: 'Last week {done}/{times}', month: 'Last month {done}/{times}' },
  col: { what: 'Task', who: 'Who', often: 'How often', now: 'Now', before: 'Before', last: 'Last time' },
  nobody: 'Nobody', gone: 'Somebody erased', do: 'Record it', hand: 'Hand on', give: 'Give to', end: 'End', waits: 'This item is claimed: record it under Points, Claims', endedAt: 'Ended {at}',
  doTitle: '{name}: {title}', doneSaid: 'Recorded for {name}: {n} points.', doneWay: 'Recorded for {name}: {n} points are on the way.',
  handTitle: 'Who takes “{title}”?', handFrom: 'It is {name} now. What was done stays recorded under {name}.', handed: 'Changed.', free: 'Nobody for now',
  endTitle: 'End “{title}”?', why: 'Why it ends', over: 'Ended.',
  form: { kind: 'Kind', item: 'Item of the rulebook', itemPick: 'Choose an item', title: { duty: 'What is to be done', spot: 'Which spot', tree: 'Which tree' }, ph: { duty: 'Check charging cables', spot: 'North corner of yard 2', tree: 'The locust tree on the square' }, place: 'Place', per: 'How often', times: 'Times', timesUnit: 'times', who: 'Who', whoHint: 'may be settled later', once: 'One item is recorded once a day.' },
}
