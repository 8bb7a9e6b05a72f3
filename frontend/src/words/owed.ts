import type { SettleDue } from '@/bridge/api'

// What is said beside sums that a shop is owed where more came back than was redeemed:
// nobody collects money from a shop, the rest is taken off what comes next
// (docs/settlement.md). fen: carried into the next settlement; points: came back since
// the last day that can be settled, and not known in money before it is settled.
export function setOff(due: Pick<SettleDue, 'fen' | 'brought' | 'later'>): { fen: number; points: number } {
  return { fen: Math.max(0, -(due.fen + due.brought)), points: Math.max(0, -due.later) }
}
