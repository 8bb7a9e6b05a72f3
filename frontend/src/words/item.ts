import type { Item, ItemKind } from '@/bridge/api'

// What a rule is worth, as the program reckons it; the program has the last word.
export const KINDS: ItemKind[] = ['time', 'deed', 'piece', 'often', 'mutual', 'donate', 'honour', 'exam', 'base', 'deduct']
export const HARD = [0, 1, 2] as const
export interface Amount { minutes: number; count: number; hard: number }

export const blankItem = (more: Partial<Item> = {}): Item => ({
  code: '', group: '', sub: '', name: '', kind: 'deed', points: 1, minutes: 0, round: '', unit: '', per: 0, times: 0, span: '', harder: 0, hardest: 0,
  dayCap: 0, weekCap: 0, monthCap: 0, yearCap: 0, witness: false, review: false, notice: 0, self: false, lead: false, for: '', note: '', locked: false, ...more,
})
export const takes = (i: Item) => i.kind === 'deduct'
export const timed = (i: Item) => i.kind === 'time' || i.kind === 'mutual'
export const counted = (i: Item) => i.kind === 'piece' || i.kind === 'donate' || i.kind === 'deed'
// waitsFor is what a claim of the item waits for first; its points count at once where that is due.
// Where operators have keys, what needs a witness is countersigned.
export const waitsFor = (i: Item, keyed = false): 'tell' | 'confirm' | 'review' | 'notice' | 'due' =>
  takes(i) ? 'tell' : i.kind === 'mutual' ? 'confirm' : i.review || i.lead || (keyed && i.witness) ? 'review' : i.notice > 0 ? 'notice' : 'due'
// A deduction may be appealed for some days at least, whatever its rule says: docs/claims.md.
export const LEAST_APPEAL = 3
export const daysOf = (i: Item) => (takes(i) ? Math.max(i.notice, LEAST_APPEAL) : i.notice)
export const hardness = (i: Item) => HARD.filter((h) => h === 0 || (h === 1 ? i.harder > 0 : i.hardest > 0))

// worth is what an amount gives, within the least of the caps: what the person got already
// may leave less.
export function worth(i: Item, a: Partial<Amount>): number {
  const count = Math.max(1, a.count ?? 1)
  if (takes(i)) return i.points
  if (i.kind === 'base') return 0
  let n = 1
  if (timed(i)) n = units(i, a.minutes ?? 0)
  else if (i.kind === 'piece' || i.kind === 'donate') n = Math.floor(count / Math.max(1, i.per))
  else if (i.kind === 'deed') n = count
  const percent = a.hard === 2 && i.hardest ? i.hardest : a.hard && i.harder ? i.harder : 100
  const full = Math.floor((n * i.points * percent) / 100)
  return Math.min(full, ...capsOf(i))
}
const capsOf = (i: Item) => [i.dayCap, i.weekCap, i.monthCap, i.yearCap, i.kind === 'often' ? i.times * i.points : 0].filter((n) => n > 0)

function units(i: Item, minutes: number): number {
  if (i.minutes <= 0 || minutes <= 0) return 0
  const rest = minutes % i.minutes
  const more = (i.round === 'up' && rest > 0) || (i.round === 'half' && 2 * rest >= i.minutes)
  return Math.floor(minutes / i.minutes) + (more ? 1 : 0)
}

// What differs between two rulebooks, rule by rule.
export interface Change { kind: 'new' | 'gone' | 'changed'; item: Item; old?: Item; fields: (keyof Item)[] }
export function changes(before: Item[], after: Item[]): Change[] {
  const had = new Map(before.map((i) => [i.code, i]))
  const out: Change[] = []
  for (const item of after) {
    const old = had.get(item.code)
    had.delete(item.code)
    if (!old) { out.push({ kind: 'new', item, fields: [] }); continue }
    const fields = (Object.keys(item) as (keyof Item)[]).filter((k) => item[k] !== old[k])
    if (fields.length) out.push({ kind: 'changed', item, old, fields })
  }
  for (const old of had.values()) out.push({ kind: 'gone', item: old, fields: [] })
  return out
}

// nextCode is a code that nothing had yet: the group's own letters and the next number.
export function nextCode(items: Item[], group: string): string {
  const used = new Set(items.map((i) => i.code))
  const mate = items.filter((i) => i.group === group).map((i) => /^(.*?)(\d+)$/.exec(i.code)).filter((m) => m !== null).pop()
  const stem = mate?.[1] ?? String.fromCharCode(65 + ([...new Set(items.map((i) => i.group))].length % 26))
  for (let n = mate ? Number(mate[2]) + 1 : 1; ; n++) {
    const code = `${stem}${String(n).padStart(mate?.[2].length ?? 2, '0')}`
    if (!used.has(code)) return code
  }
}

const NUMBERS = ['minutes', 'per', 'times', 'harder', 'hardest', 'dayCap', 'weekCap', 'monthCap', 'yearCap', 'notice'] as const
// problem names the first rule that can't be saved and what is wrong with it.
export function problem(items: Item[]): { n: number; key: string; code: string } | null {
  const seen = new Set<string>()
  for (const [n, i] of items.entries()) {
    const bad = (key: string) => ({ n: n + 1, key, code: i.code })
    if (!i.code.trim()) return bad('codeMissing')
    if (!i.name.trim()) return bad('nameMissing')
    if (seen.has(i.code.trim())) return bad('codeTwice')
    if (!(i.points >= 1) || !Number.isInteger(i.points)) return bad('pointsMissing')
    if (NUMBERS.some((k) => !Number.isInteger(i[k]) || i[k] < 0)) return bad('notWhole')
    if (timed(i) && !(i.minutes >= 1)) return bad('minutesMissing')
    if (i.kind === 'often' && (!(i.times >= 1) || !i.span)) return bad('timesMissing')
    if (i.kind === 'mutual' && !(i.monthCap >= 1)) return bad('monthCapMissing')
    seen.add(i.code.trim())
  }
  return null
}
