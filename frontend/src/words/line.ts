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
export const inBalance = (line: Pick<Line, 'item' | 'state'>) => !ofSums(line) && line.state !== 'onTheWay'

// carriedBefore is what could be spent before the oldest of the lines (newest
// first): all lines of one transaction bear the balance after it.
export function carriedBefore(lines: Line[]): number {
  const real = lines.filter(inBalance)
  const oldest = real[real.length - 1]
  if (!oldest) return 0
  return real.filter((l) => l.ref.hash === oldest.ref.hash).reduce((n, l) => n - l.amount, oldest.balance)
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
