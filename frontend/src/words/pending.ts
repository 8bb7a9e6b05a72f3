import type { Claim, ClaimState } from '@/bridge/api'
import type { Speak } from '@/i18n'
import { DAY } from './format'

// A deduction that waits: the person was told, or is to be, and it is not booked yet.
const WAITS: ClaimState[] = ['tell', 'notice', 'appealed', 'due']
type Row = Pick<Claim, 'points' | 'state' | 'until' | 'days'>

export const pending = <R extends Row>(rows: R[]): R[] => rows.filter((r) => r.points < 0 && WAITS.includes(r.state))
export const isTold = (r: Row) => r.state !== 'tell'
// sum is what will be taken, as a number above 0.
export const sum = (rows: Row[]) => rows.reduce((n, r) => n - r.points, 0)

// daysLeft counts a day that has begun; 0 when the time is over.
export const daysLeft = (until: number, now: number) => Math.max(0, Math.ceil((until - now) / DAY))

// leftWords says where a deduction stands: the days left, or what it waits for. They
// begin by the main device's clock, so they may not have begun yet.
export function leftWords(r: Row, now: number, t: Speak): string {
  if (r.state !== 'notice') return t(`claim.wait.${r.state}`)
  return r.until ? t('claim.wait.notice', { n: daysLeft(r.until, now) }) : t('claim.wait.begins', { n: r.days })
}
