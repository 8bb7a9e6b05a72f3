import type { Figures, Outcome } from '@/bridge/api'
import { num, span, yuan, type Lang } from './format'

// The figures of a report, in the groups in which screens show them. Codes are those of
// app/report/indicator.go.
export type Unit = 'people' | 'times' | 'minutes' | 'points' | 'homes' | 'shops' | 'fen' | 'percent' | 'stars'
export interface Indicator { code: string; unit: Unit; rate?: boolean }
export interface Group { key: string; list: Indicator[] }

const of = (unit: Unit, ...codes: string[]): Indicator[] => codes.map((code) => ({ code, unit }))
const rate = (code: string, unit: Unit): Indicator => ({ code, unit, rate: true })

export const GROUPS: Group[] = [
  { key: 'service', list: [...of('people', 'volunteers', 'active'), ...of('times', 'sessions', 'services'), ...of('minutes', 'minutes'), ...of('times', 'helped')] },
  { key: 'points', list: [...of('points', 'carried', 'awarded', 'brought', 'redeemed', 'deducted', 'moved', 'expired', 'outstanding'), rate('redeemRate', 'percent'), ...of('points', 'best')] },
  { key: 'homes', list: [...of('homes', 'households', 'away', 'unable', 'joined'), rate('joinRate', 'percent')] },
  { key: 'wishes', list: [...of('times', 'wishes', 'wishesDone'), rate('doneRate', 'percent'), rate('contactTime', 'minutes'), rate('doneTime', 'minutes'), rate('satisfaction', 'stars')] },
  { key: 'money', list: [...of('shops', 'shops', 'shopsStreet', 'shopsDistrict', 'shopsCity'), ...of('fen', 'owed'), ...of('points', 'budget', 'budgetUsed'), rate('budgetRate', 'percent')] },
]
export const INDICATORS = GROUPS.flatMap((g) => g.list)

// From ten hours on minutes say nothing.
const LONG = 600

// figure writes one: rates come per mille, or in tenths of their unit; -1 is a rate of
// nothing.
export function figure(i: Indicator, figures: Figures, rates: Figures, lang: Lang): string {
  const n = (i.rate ? rates : figures)[i.code] ?? 0
  if (i.rate && n < 0) return '–'
  if (i.unit === 'percent') return `${Math.trunc(n / 10)}.${n % 10}%`
  if (i.unit === 'stars') return `${Math.trunc(n / 10)}.${n % 10}`
  if (i.unit === 'minutes' && !i.rate && n >= LONG) return lang === 'zh' ? `${num(Math.round(n / 60))} 小时` : `${num(Math.round(n / 60))} h`
  if (i.unit === 'minutes') return span(i.rate ? Math.round(n / 10) : n, lang)
  if (i.unit === 'fen') return yuan(n)
  return num(n)
}

// change is by how much a figure entered by hand grew; '' where there was none before.
export function change(o: Outcome): string {
  if (!o.before) return ''
  const n = Math.round(((o.now - o.before) * 1000) / o.before)
  return `${n < 0 ? '−' : '+'}${Math.trunc(Math.abs(n) / 10)}.${Math.abs(n) % 10}%`
}

// monthsOf lists the months of a span, both with it.
export function monthsOf(from: string, to: string): string[] {
  const out: string[] = []
  for (let m = from; m <= to && out.length < 120; m = addMonths(m, 1)) out.push(m)
  return out
}
export function addMonths(month: string, by: number): string {
  const [y, m] = month.split('-').map(Number)
  const at = y * 12 + m - 1 + by
  return `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`
}

// A span of the calendar that holds a month.
export type Length = 'month' | 'quarter' | 'year'
export const LENGTHS: Length[] = ['month', 'quarter', 'year']
const SIZE: Record<Length, number> = { month: 1, quarter: 3, year: 12 }
export function spanAt(month: string, length: Length): { from: string; to: string } {
  const [y, m] = month.split('-').map(Number)
  const first = Math.floor((m - 1) / SIZE[length]) * SIZE[length]
  const from = `${y}-${String(first + 1).padStart(2, '0')}`
  return { from, to: addMonths(from, SIZE[length] - 1) }
}
export const moved = (month: string, length: Length, by: number) => addMonths(month, by * SIZE[length])
