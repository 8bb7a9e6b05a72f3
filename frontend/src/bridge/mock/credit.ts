import type { Calls, CreditLine, CreditRow, CreditTable, Person, PersonCredit } from '../api'
import type { Handlers } from './calls'
import { NOW, fakeQr } from './world'

// Credit lines of the pretended community.
const DAY = 86_400_000
const BANDS = [{ from: 60, to: 89, amount: 100_000 }, { from: 90, to: 149, amount: 200_000 }, { from: 150, to: 0, amount: 300_000 }]
type CreditCall = Extract<keyof Calls, `credit.${string}`>

export function creditCalls(people: Person[], wish: { empty?: boolean }, registrar: boolean, no: (code: string, params?: Record<string, unknown>) => never): Pick<Handlers, CreditCall> {
  let table: CreditTable = { basis: 'lifetime', least: 100_000, most: 300_000, bands: wish.empty ? [] : BANDS }
  const suggest = (points: number) => table.bands.find((b) => points >= b.from && (!b.to || points <= b.to))?.amount ?? 0
  const all = new Map<string, PersonCredit>()
  const line = (p: Person, version: number, made: number, amount: number, state: CreditLine['state'], points = p.lifetime): CreditLine => ({ id: `${p.id}-${version}`, number: `7K4Q-${(1000 + version * 7 + Number(p.id.slice(1)))}`, version, points, basis: 'lifetime', amount, made, until: made + 365 * DAY, by: '陈样', state })
  const old = NOW - 300 * DAY
  people.filter((p) => p.lifetime >= 60).slice(0, 18).forEach((p, n) => {
    const state = n % 9 === 4 ? 'withdrawn' as const : 'force' as const
    const first = line(p, 1, old, 100_000, n % 3 ? 'replaced' : state, 72)
    const lines = n % 3 ? [line(p, 2, NOW - (n + 2) * DAY, suggest(p.lifetime), state), first] : [first]
    all.set(p.id, { consent: { given: state !== 'withdrawn', at: state === 'withdrawn' ? NOW - DAY : old, by: '陈样', off: state === 'withdrawn' ? NOW - DAY : 0, proof: 'signed' }, lines, points: p.lifetime, basis: 'lifetime', suggested: suggest(p.lifetime), from: 60 })
  })
  const find = (id: string) => people.find((p) => p.id === id) ?? no('people.unknown')
  const of = (id: string): PersonCredit => {
    const p = find(id)
    return { ...(all.get(id) ?? { consent: { given: false, at: 0, by: '', off: 0, proof: '' as const }, lines: [] }), points: p.lifetime, basis: table.basis, suggested: suggest(p.lifetime), from: table.bands[0]?.from ?? 0 }
  }
  const rows = () => [...all.keys()].map((id): CreditRow => { const c = of(id), p = find(id); const l = c.lines[0]; return { person: id, name: p.name, grid: p.grid, line: l, has: !!l, points: c.points, suggested: c.suggested, due: l?.state === 'force' && l.made < NOW - 250 * DAY } })
  const shows = (r: CreditRow, show: string) => show === 'all' || (show === 'due' ? r.due : show === 'force' ? r.line?.state === 'force' : r.line?.state !== 'force')
  return {
    'credit.table': () => ({ ...table, registrar }),
    'credit.setTable': (t) => { const bad = t.bands.findIndex((b) => b.amount < t.least || b.amount > t.most); if (bad >= 0) no('credit.amount', { n: bad + 1, least: t.least, most: t.most }); table = t; return { ...t, registrar } },
    'credit.list': ({ offset, limit, show }) => {
      const list = rows()
      const hit = list.filter((r) => shows(r, show))
      const count = (s: string) => list.filter((r) => shows(r, s)).length
      return { total: hit.length, rows: hit.slice(offset, offset + limit), counts: { all: list.length, due: count('due'), force: count('force'), void: count('void') }, amount: list.filter((r) => shows(r, 'force')).reduce((n, r) => n + r.line.amount, 0) }
    },
    'credit.person': ({ person }) => of(person),
    'credit.consent': ({ person, present }) => { if (!present) no('credit.present'); all.set(person, { ...of(person), consent: { given: true, at: NOW, by: '陈样', off: 0, proof: 'signed' } }); return of(person) },
    'credit.withdraw': ({ person }) => { const c = of(person); all.set(person, { ...c, consent: { ...c.consent, given: false, at: NOW, off: NOW }, lines: c.lines.map((l) => ({ ...l, state: 'withdrawn' })) }); return of(person) },
    'credit.assess': ({ person }) => {
      const c = of(person)
      if (!c.consent.given) no('credit.consent.none')
      if (!c.suggested && !c.lines.length) no('credit.points', { points: c.points, from: c.from })
      const l = line(find(person), (c.lines[0]?.version ?? 0) + 1, NOW, c.suggested, c.suggested ? 'force' : 'ended')
      all.set(person, { ...c, lines: [l, ...c.lines.map((x) => (x.state === 'force' ? { ...x, state: 'replaced' as const } : x))] })
      return l
    },
    'credit.certificate': ({ line: id }) => {
      const l = [...all.values()].flatMap((c) => c.lines).find((x) => x.id === id) ?? no('credit.unknown')
      return { ...l, community: 'c1', place: '滨河社区', line: l.id, name: find(id.split('-')[0]).name, idTail: '123X', text: 'JSC1:', svg: fakeQr(7) }
    },
    'credit.check': ({ text }) => {
      if (!text.startsWith('JSC')) no('credit.bad')
      const [id, c] = [...all.entries()][1]
      const l = c.lines[0]
      return { ...l, community: 'c1', place: '滨河社区', line: l.id, name: find(id).name, idTail: '123X', state: l.state, by: '1 号电脑', person: id, whole: registrar }
    },
  }
}
