// Refusals about the ranking; they join those of fault.ts.
export default {
  ranking: 'The ranking was not changed.',
  ranking_by: 'Choose people, households, grids or teams.',
  ranking_level: 'Choose off, at the office only, or on phones, too.',
  ranking_off: 'The community does not show the ranking on phones.',
}
