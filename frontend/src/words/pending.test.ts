import { describe, expect, it } from 'vitest'
import type { ClaimState } from '@/bridge/api'
import { daysLeft, isTold, leftWords, pending, sum } from './pending'
import { DAY } from './format'

const row = (points: number, state: ClaimState, until = 0) => ({ points, state, until, days: 5 })
const t = (key: string, named?: Record<string, unknown>) => `${key}${named?.n ?? ''}`

describe('deductions that wait', () => {
  it('are those not booked, and no awards', () => {
    const states: ClaimState[] = ['rules', 'confirm', 'review', 'tell', 'notice', 'appealed', 'due', 'booked', 'refused', 'dropped', 'withdrawn']
    expect(pending(states.map((s) => row(-3, s))).map((r) => r.state)).toEqual(['tell', 'notice', 'appealed', 'due'])
    expect(pending(states.map((s) => row(3, s)))).toEqual([])
    expect(pending([row(-3, 'tell'), row(-2, 'notice')]).filter(isTold)).toHaveLength(1)
    expect(sum([row(-3, 'tell'), row(-2, 'notice')])).toBe(5)
  })
  it('have days left, the last one counted until its end', () => {
    const now = 1_700_000_000_000
    expect(daysLeft(now + 3 * DAY, now)).toBe(3)
    expect(daysLeft(now + 3 * DAY + 1, now)).toBe(4)
    expect(daysLeft(now + 1, now)).toBe(1)
    expect(daysLeft(now - DAY, now)).toBe(0)
    expect(leftWords(row(-3, 'notice', now + 2 * DAY), now, t)).toBe('claim.wait.notice2')
    expect(leftWords(row(-3, 'notice'), now, t)).toBe('claim.wait.begins5')
    expect(leftWords(row(-3, 'appealed', now), now, t)).toBe('claim.wait.appealed')
  })
})
