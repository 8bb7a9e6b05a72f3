import type { Nominee, SelectionState } from '@/bridge/api'

// The seven steps, and at which of them a selection stands; -1 for one that was dropped.
export const STEPS = ['nominate', 'check', 'vote', 'counted', 'notice', 'decided', 'honoured'] as const
export const stepOf = (s: SelectionState): number => (s === 'due' ? STEPS.indexOf('notice') : (STEPS as readonly string[]).indexOf(s))

export function tone(s: SelectionState): string {
  if (s === 'honoured') return 'ok'
  return s === 'dropped' ? '' : ['vote', 'notice', 'due'].includes(s) ? 'warn' : 'info'
}

// suggested are the lines with most votes, as many as there are places; tie tells that the
// last of them has as many as the next one, which a person must decide: those are left out.
export function suggested(nominees: Nominee[], places: number): { lines: number[]; tie: boolean } {
  const order = nominees.filter((n) => n.line > 0 && n.votes > 0 && !n.gone).sort((a, b) => b.votes - a.votes || a.line - b.line)
  const last = order[places - 1]
  const next = order[places]
  const tie = !!last && !!next && last.votes === next.votes
  return { lines: order.slice(0, places).filter((n) => !tie || n.votes > last.votes).map((n) => n.line), tie }
}
