// Refusals about levels and benefits; they join those of fault.ts.
export default {
  honour: 'Levels and benefits were not touched.',
  honour_levels: 'At most {max} levels.',
  honour_name: 'A name has 1 to {max} characters and no “/”.',
  honour_points: 'Points of a year are between 1 and {max}.',
  honour_same: '“{name}” has the name or the points of another level.',
  honour_benefits: 'At most {max} benefits a level.',
  honour_unit: 'A unit has 1 to {max} characters.',
  honour_times: 'The number is between 1 and {max}.',
  honour_place: 'There is no such place; choose another.',
  honour_unknown: 'This was taken out meanwhile; reload.',
  honour_elsewhere: '“{name}” is not given here. Nothing was used.',
  honour_short: '“{name}”: {here} {unit} here, {missing} {unit} short. Nothing was used.',
}
