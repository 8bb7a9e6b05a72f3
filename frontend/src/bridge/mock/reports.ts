import type { Figures, Outcome, ReportRow, Figured } from '../api'
import { monthsOf } from '../../words/indicator'
import type { Handlers, Wish } from './calls'
import { at, NOW } from './world'

const jitter = (n: number, m: number) => ((n * 7919 + 104729) % 1009) % m
const THIS = '2026-03'

// One community's month; the scale is how large it is.
function month(n: number, carried: number, scale: number): Figures {
  const awarded = scale * (90 + jitter(n, 40))
  const redeemed = Math.min(carried + awarded, scale * (55 + jitter(n + 3, 25)))
  const households = scale * 22 + jitter(n >> 5, 60)
  const wishes = scale * 2 + jitter(n, 9)
  const done = Math.max(0, wishes - jitter(n, 4))
  return {
    volunteers: scale * 24, active: scale * 11 + jitter(n, 12), sessions: 6 + jitter(n, 14), services: scale * 31 + jitter(n, 60), minutes: scale * 1900 + jitter(n, 900), helped: done,
    carried, awarded, brought: 0, redeemed, deducted: jitter(n, 20), moved: 0, expired: 0, outstanding: carried + awarded - redeemed - jitter(n, 20), best: 2100 + jitter(n, 900) * 17,
    households, away: Math.round(households / 9), unable: Math.round(households / 14), joined: Math.round(households * (0.4 + jitter(n, 30) / 100)),
    wishes, wishesDone: done, contacted: wishes, contactMinutes: wishes * (18 + jitter(n, 14)), doneMinutes: done * (95 + jitter(n, 60)), reviews: done, stars: done * 5 - jitter(n, Math.max(1, done)),
    shops: 3 + jitter(n, 5), shopsStreet: 2, shopsDistrict: 1, shopsCity: 0, owed: scale * 21_500 + jitter(n, 800), budget: scale * 1500, budgetUsed: scale * 300 + jitter(n, 200),
  }
}
const STOCK = ['volunteers', 'active', 'outstanding', 'households', 'away', 'unable', 'joined', 'shops', 'shopsStreet', 'shopsDistrict', 'shopsCity', 'owed', 'budget', 'budgetUsed']
function fold(list: Figures[]): Figures {
  const out: Figures = {}
  list.forEach((f, n) => { for (const k of Object.keys(f)) out[k] = k === 'best' ? Math.max(out[k] ?? 0, f[k]) : k === 'carried' ? (n ? out[k] : f[k]) : STOCK.includes(k) ? f[k] : (out[k] ?? 0) + f[k] })
  return out
}
function sum(list: Figures[]): Figures {
  const out: Figures = {}
  for (const f of list) for (const k of Object.keys(f)) out[k] = k === 'best' ? Math.max(out[k] ?? 0, f[k]) : (out[k] ?? 0) + f[k]
  return out
}
function rates(f: Figures): Figures {
  const of = (over: number, under: number, scale: number) => (under > 0 ? Math.round((over * scale) / under) : -1)
  return {
    redeemRate: of(f.redeemed, f.awarded, 1000), joinRate: of(f.joined, f.households - f.away - f.unable, 1000), doneRate: of(f.wishesDone, f.wishes, 1000), contactTime: of(f.contactMinutes, f.contacted, 10),
    doneTime: of(f.doneMinutes, f.wishesDone, 10), satisfaction: of(f.stars, f.reviews, 10), budgetRate: of(f.budgetUsed, f.budget, 1000),
  }
}
// A community's months up to one, each carrying over what the one before left.
function history(n: number, months: string[], scale: number): Figures[] {
  let carried = scale * 240
  return months.map((_, i) => { const f = month(n * 32 + i, carried, scale); carried = f.outstanding; return f })
}
const OUTCOMES: Outcome[] = [{ name: '矛盾纠纷', before: 100, now: 91 }, { name: '刑事案件', before: 25, now: 16 }]
const NAMES = ['大佟庄', '司各庄', '茨榆坨', '安各庄', '长凝', '胡各庄', '坨里', '姚王庄', '扒齿港', '宋道口', '方各庄', '程庄', '倴城', '青坨营', '柏各庄', '南堡', '东黄坨', '马城', '前营', '后营', '小贾庄', '大贾庄', '翟庄', '温庄']
const STREETS = ['倴城镇', '司各庄镇', '长凝镇', '胡各庄镇']

type Names = 'stats.span' | 'report.outcomes' | 'report.make' | 'report.table' | 'report.community' | 'report.import' | 'report.list' | 'report.drop' | 'report.urge'

export function reportCalls(wish: Wish, registrar: boolean): Pick<Handlers, Names> {
  const made = new Map([['2026-01', 1], ['2026-02', 2]])
  let outcomes = [...OUTCOMES]
  const list = wish.empty ? [] : NAMES.slice()
  const urged = new Map<string, number>()
  const rowOf = (n: number, months: string[]): ReportRow & { all: Figures[] } => {
    const late = n % 9 === 4 ? 1 : n === 7 ? months.length : 0
    const all = history(n, months.slice(0, months.length - late), 20 + jitter(n, 30))
    const figures = fold(all)
    const last = months[months.length - late - 1] ?? ''
    return { all, id: `v${n}`, name: `${NAMES[n]}村`, site: { street: STREETS[n % 4], district: '滨城县', city: '太原市' }, level: '', via: n % 4 === 2 ? '长凝镇' : '', fingerprint: '4821 0937 5562 1180 7349', last, urged: urged.get(`v${n}`) ?? 0,
      upto: !last ? 0 : last === THIS ? NOW - n * 3_600_000 : new Date(Number(last.slice(0, 4)), Number(last.slice(5)), 1).getTime(), missing: months.slice(months.length - late), figures, rates: rates(figures) }
  }
  return {
    'stats.span': ({ from, to }) => {
      const months = monthsOf(from, to > THIS ? THIS : to)
      const all = history(1, months, wish.empty ? 0 : 12)
      const figures = fold(all)
      const out: Figured = { figures, rates: rates(figures), outcomes: wish.empty ? [] : outcomes, months: months.map((m, i) => ({ month: m, upto: NOW, figures: all[i], rates: rates(all[i]), reported: made.get(m) ?? 0, at: made.has(m) ? at(2, 9) : 0, differs: m === '2026-01' })) }
      return out
    },
    'report.outcomes': (r) => { outcomes = r.outcomes; return {} },
    'report.make': ({ month: m }) => { const n = (made.get(m) ?? 0) + 1; made.set(m, n); return { number: n, made: true } },
    'report.table': ({ from, to }) => {
      const months = monthsOf(from, to > THIS ? THIS : to)
      const rows = list.map((_, n) => rowOf(n, months))
      const total = sum(rows.map((r) => r.figures))
      const early = sum(list.map((_, n) => fold(history(n + 40, months, 20 + jitter(n, 30)))))
      const trend = months.map((m, i) => ({ month: m, reported: rows.filter((r) => r.all[i]).length, sum: sum(rows.filter((r) => r.all[i]).map((r) => r.all[i])) }))
      const zero = Object.fromEntries(Object.keys(month(0, 0, 0)).map((k) => [k, 0]))
      return { from, to, rows: rows.map((r) => ({ ...r, all: undefined })), reported: rows.filter((r) => !r.missing.length).length, sum: list.length ? total : zero, rates: rates(list.length ? total : zero), before: list.length ? early : zero, beforeRates: rates(list.length ? early : zero),
        outcomes: list.length ? [{ name: '矛盾纠纷', before: 2104, now: 1915 }, { name: '刑事案件', before: 310, now: 198 }] : [], trend, streets: list.length ? [{ id: 's1', name: '长凝镇', fingerprint: '6604 2718 0093 8145 2277' }] : [], introduction: registrar ? 'JSI1:iAFYIKq3' : '', fingerprint: registrar ? '4821 0937 5562 1180 7349' : '' }
    },
    'report.community': ({ id, from, to }) => {
      const months = monthsOf(from, to > THIS ? THIS : to)
      const row = rowOf(Number(id.slice(1)), months)
      return { row, missing: row.missing, months: row.all.map((f, i) => ({ month: months[i], number: i === 1 ? 2 : 1, replaced: i === 1 ? 1 : 0, made: at(2, 9), upto: row.upto, hash: '3f21ab9c', figures: f, rates: rates(f), outcomes: OUTCOMES })) }
    },
    'report.import': () => ({ carrier: '', came: [
      { name: '大佟庄村', month: '2026-02', state: 'new', introduction: '', fingerprint: '' }, { name: '司各庄村', month: '2026-02', state: 'replaces', introduction: '', fingerprint: '' }, { name: '司各庄村', month: '2026-01', state: 'known', introduction: '', fingerprint: '' },
      { name: '坨里村', month: '2026-02', state: 'refused', fault: { code: 'report.forged', params: { name: '坨里村' } }, introduction: '', fingerprint: '' },
      { name: '新立庄村', month: '', state: 'refused', fault: { code: 'report.foreign', params: { name: '新立庄村' } }, introduction: 'JSI1:x', fingerprint: '6604 2718 0093 8145 2277' },
    ] }),
    'report.list': () => ({}), 'report.drop': () => ({}),
    'report.urge': ({ ids }) => { for (const id of ids) urged.set(id, NOW); return {} },
  }
}
