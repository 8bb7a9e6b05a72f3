import type { Budget, Year } from '../api'
import { NOW } from './world'

// Years, a budget and base points of the pretended community.
export function years(): Year[] {
  const none = { late: 0, lost: 0, lostBooked: 0, onTheWay: 0, closedAt: 0, closedBy: '', closePoints: 0, closePeople: 0, finalAt: 0, rest: [], absent: [] }
  const end = (y: number) => new Date(y + 1, 0, 1).getTime()
  return [
    { ...none, period: '2026', state: 'running', lost: 12, lostBooked: 9, issued: 12_860, redeemed: 4310, deducted: 130, moved: 78, outstanding: 8342, expired: 0, people: 284, endsAt: end(2026), closeFrom: new Date(2027, 1, 1).getTime() },
    {
      ...none, period: '2025', state: 'due', issued: 41_200, redeemed: 35_812, deducted: 240, moved: 0, outstanding: 5148, expired: 0, people: 121, endsAt: end(2025), closeFrom: new Date(2026, 1, 1).getTime(),
      onTheWay: 20, rest: [{ device: '1 号电脑', points: 4980 }, { device: '龙石站电脑', points: 148 }], absent: [{ id: 'd4', name: '龙石站电脑', last: new Date(2025, 11, 30, 16, 5).getTime() }],
    },
    { ...none, period: '2024', state: 'final', issued: 30_018, redeemed: 27_400, deducted: 118, moved: 0, outstanding: 0, expired: 2500, people: 0, endsAt: end(2024), closeFrom: new Date(2025, 1, 1).getTime(), closedAt: NOW - 400 * 86_400_000, closedBy: '陈样', finalAt: NOW - 390 * 86_400_000 },
  ]
}

// closed is a year after its close: this computer has burned what it held.
export function closed(y: Year, by: string): Year {
  return { ...y, state: 'closed', expired: 5000, outstanding: 148, people: 9, onTheWay: 0, rest: y.rest.slice(1), closedAt: NOW, closedBy: by, closePoints: y.outstanding, closePeople: y.people }
}

export function budget(): Budget {
  return {
    period: '2026', set: true, budget: 260_000, by: '陈样', issued: 12_860, left: 247_140, incomeFen: 163_000_000, unitFen: 100, share: 160, issuedShare: 8, registrar: true,
    base: { period: '2026', points: 0, by: '', at: 0, stopped: false, rivals: [], people: 312, paid: 0 },
  }
}
