// Pictures of claims and deeds.
export default {
  title: 'Photos · {name} {text}', button: 'Photos', count: 'Photos: {n}', withdrawn: 'The consent to pictures was withdrawn: no more can be added. Agree with the person about these; open one to take it down.', add: 'Add a photo', none: 'No photos yet.', text: 'At most {max}. Photos are made smaller and lose where they were taken; they are encrypted like the person’s data and seen by staff only.',
  alt: 'Photo of {at}', by: '{at} · {by}', page: 'own phone', why: 'Why it is taken down, for instance: wrong person', down: 'Take down', line: 'Photos: {here} on this computer ({size})', lineAway: ', {n} more on others, fetched when looked at',
  ofLine: 'Photos · {text}',
}
