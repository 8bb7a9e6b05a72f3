import { describe, expect, it } from 'vitest'
import type { Activity, Attendee } from '@/bridge/api'
import { fromInput } from '@/words/format'
import { clockAt, from, given, minutesOf, over, toEnd, worth } from './time'

const MIN = 60_000
const a = { start: 600 * MIN, end: 720 * MIN, state: 'running', points: 3, minutes: 60 } as Activity
const p = (person: string, inAt: number) => ({ person, inAt }) as Attendee

describe('times given by hand', () => {
  it('count from the arrival to the end, or the whole activity for who was seen after it', () => {
    expect(toEnd(a, p('x', 608 * MIN + 37_000))).toBe(111)
    expect(toEnd(a, p('x', 719.5 * MIN))).toBe(1)
    expect([from(a, p('x', 725 * MIN)), toEnd(a, p('x', 725 * MIN))]).toEqual([a.start, 120])
    expect(toEnd(a, p('x', 0))).toBe(120)
  })
  it('are of the next day where the activity goes on past midnight', () => {
    const night = { start: fromInput('2026-11-21T22:23'), end: fromInput('2026-11-22T00:23') }
    expect(['22:10', '22:23', '23:59', '00:00', '00:23', '00:50'].map((c) => clockAt(night, c))).toEqual(
      ['21T22:10', '21T22:23', '21T23:59', '22T00:00', '22T00:23', '22T00:50'].map((d) => fromInput(`2026-11-${d}`)))
    const day = { start: fromInput('2026-11-21T09:00'), end: fromInput('2026-11-21T11:00') }
    expect(['08:30', '11:40'].map((c) => clockAt(day, c))).toEqual(['21T08:30', '21T11:40'].map((d) => fromInput(`2026-11-${d}`)))
  })
  it('give full units only', () => {
    expect([0, 59, 60, 119, 120, -5].map((m) => worth(a, m))).toEqual([0, 0, 3, 3, 6, 0])
    expect(worth({ ...a, minutes: 0 }, 1)).toBe(3)
  })
  it('lead over what was counted, but for nonsense', () => {
    const x = { ...p('x', 0), minutes: 7 }
    expect(([{}, { x: 0 }, { x: 60 }, { x: 9999 }, { x: -60 }, { x: 1.5 }] as Record<string, number>[]).map((typed) => minutesOf(x, typed))).toEqual([7, 7, 60, 0, 0, 0])
  })
  it('are entered for whom they were typed', () => {
    expect(given(a, [p('x', 608 * MIN), p('y', 610 * MIN), p('z', 730 * MIN)], { x: 60, y: 0, z: 90 })).toEqual([
      { person: 'x', inAt: 608 * MIN, outAt: 668 * MIN }, { person: 'z', inAt: 600 * MIN, outAt: 690 * MIN }])
  })
  it('nobody is there after the end', () => {
    expect([over(a, 719 * MIN), over(a, 720 * MIN), over({ ...a, state: 'awarded' }, 0)]).toEqual([false, true, true])
  })
})
