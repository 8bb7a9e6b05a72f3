// presentKey chooses the sentence for how many are here: against how many signed
// up, unless nobody had to or more came than that.
export function presentKey(a: { present: number; confirmed: number }): 'activity.present' | 'activity.presentN' {
  return a.present > a.confirmed || !a.confirmed ? 'activity.presentN' : 'activity.present'
}
