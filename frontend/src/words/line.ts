import type { Line } from '@/bridge/api'
import type { Speak } from '@/i18n'
import { num } from '@/words/format'
import { unsealed } from '@/words/sealed'

// Lines that no volunteer earned by a deed: the program names them by code.
const OWN_WORDS = ['registration', 'opening', 'openingLifetime', 'openingYear', 'base']

// ofSums tells whether a line adds to lifetime or year points only: it has no
// place in the column of what can be spent.
export const ofSums = (line: Pick<Line, 'item'>) => line.item === 'openingLifetime' || line.item === 'openingYear'

// inBalance tells whether the balance beside a line means anything: sums and
// what is on its way change nothing that can be spent.
export const inBalance = (line: Pick<Line, 'item' | 'state'>) => !ofSums(line) && line.state === 'booked'

// carriedBefore is what could be spent, and what was owed, before the oldest of the
// lines (newest first).
export function carriedBefore(lines: Line[]): { balance: number; debt: number } {
  const oldest = lines.filter(inBalance).pop()
  return oldest ? { balance: oldest.before, debt: oldest.debt - oldest.owed } : { balance: 0, debt: 0 }
}

// aboutDebt says what a line did beside changing what can be spent, so that amount and
// balance can be followed: of what was taken n was there and debt is owed, or of what
// came back n did and debt was owed still. Null where nothing is to be said: a line of
// the kind debt pays one, and its name says so.
export function aboutDebt({ kind, amount, owed }: Pick<Line, 'kind' | 'amount' | 'owed'>): { key: 'took' | 'fined' | 'owes' | 'back' | 'less' | 'again'; n: number; debt: number } | null {
  if (!owed || kind === 'debt') return null
  const debt = Math.abs(owed)
  if (amount > 0 && owed > 0) return { key: 'again', n: amount, debt }
  const n = Math.abs(amount + owed)
  if (owed > 0) return { key: !n ? 'owes' : kind === 'deduct' ? 'fined' : 'took', n, debt }
  return { key: n ? 'back' : 'less', n, debt }
}

// lineName is what a passbook line is called: its text, else the name of its
// item (items: code -> name, where the scheme is known). The sign says award;
// whatever else it was is said in front of the thing.
export function lineName(line: Pick<Line, 'text' | 'kind' | 'item' | 'amount'>, t: Speak, items: Record<string, string> = {}): string {
  const kind = t(`people.kind.${line.kind}`)
  const code = OWN_WORDS.includes(line.item) ? line.item : line.kind === 'opening' ? 'opening' : ''
  const text = code ? t(`people.byItem.${code}`) + (ofSums(line) ? ` ${num(line.amount)}` : '') : unsealed(line.text, t) || items[line.item] || ''
  if (!text) return kind
  const plain = ['award', 'deed', 'opening'].includes(line.kind) || text.startsWith(kind)
  return plain ? text : t('people.prefix', { kind, text })
}
