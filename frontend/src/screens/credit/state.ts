import type { CreditState } from '@/bridge/api'

// stateOf is the colour of a state's tag; the word says it, too.
export function stateOf(state?: CreditState): string {
  return { force: 'ok', replaced: '', withdrawn: 'bad', expired: 'warn', ended: 'warn' }[state ?? 'replaced']
}
