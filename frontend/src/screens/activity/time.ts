import type { Activity, Attendee } from '@/bridge/api'
import { fromInput, isoDay } from '@/words/format'
import { RANGES, fits } from '@/words/range'

// Times that are given by hand to who was there: pure functions, shared by the
// list, the window before the award and the one after it.

// over says that nobody is there any more: who did not sign out forgot to.
export const over = (a: Activity, now: number) => now >= a.end || ['ended', 'awarded', 'cancelled'].includes(a.state)

// notOut is what stands for a missing departure after the end: a roll call
// counts for all of it, whenever the tick was made.
export const notOut = (p: Attendee) => (p.how === 'roll' ? 'activity.whole' : 'activity.notOut')

// worth is what the activity's item gives for minutes; only full units count.
export const worth = (a: Activity, minutes: number) => (!a.minutes ? a.points : Math.floor(Math.max(0, minutes) / a.minutes) * a.points)

// from is when a time given by hand begins: at the arrival, or at the start for
// who was seen only after the end.
export const from = (a: Activity, p: Attendee) => (p.inAt && p.inAt < a.end ? p.inAt : a.start)

// toEnd is how long somebody stayed who was there until the end.
export const toEnd = (a: Activity, p: Attendee) => Math.max(1, Math.floor((a.end - from(a, p)) / 60_000))

// minutesOf is what was typed, or what was counted; nonsense counts for nothing.
export const minutesOf = (p: Attendee, typed: Record<string, number>) => (!typed[p.person] ? p.minutes : fits(typed[p.person], RANGES.minutes) ? typed[p.person] : 0)

// given makes the lines of an after-entry from typed minutes; 0 is none typed.
export function given(a: Activity, people: Attendee[], typed: Record<string, number>): { person: string; inAt: number; outAt: number }[] {
  return people.filter((p) => typed[p.person]).map((p) => ({ person: p.person, inAt: from(a, p), outAt: from(a, p) + typed[p.person] * 60_000 }))
}

// clockAt is when a time of day was: of an activity that goes on past midnight, on
// the day on which it is nearer to the activity.
export function clockAt(a: Pick<Activity, 'start' | 'end'>, clock: string): number {
  const first = fromInput(`${isoDay(a.start)}T${clock}`)
  const next = first + 86_400_000
  const outside = (at: number) => Math.max(a.start - at, at - a.end, 0)
  return outside(next) < outside(first) ? next : first
}
