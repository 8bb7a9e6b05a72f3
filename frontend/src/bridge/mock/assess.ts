import type { Item, Person, RoundHome, RoundRow, RoundView, ScoreLine } from '../api'
import { CallFault } from '../fault'
import type { Handlers, Wish } from './calls'
import { NOW, mask } from './world'

const DAY = 86_400_000
type Names = 'assess.list' | 'assess.begin' | 'assess.get' | 'assess.score' | 'assess.sheetPreview' | 'assess.sheetImport' | 'assess.present' | 'assess.publish' | 'assess.object' | 'assess.answer' | 'assess.book' | 'assess.drop'

// Assessment rounds of the pretended community: 28 households, six items.
export function assessCalls(wish: Wish, registrar: boolean, people: Person[], items: () => Item[]): Pick<Handlers, Names> {
  const rounds: RoundView[] = []
  const names: [string, number, string][] = [['庭院整洁', 5, '次'], ['孝老爱亲', 5, '次'], ['移风易俗', 5, '次'], ['邻里和睦', 3, '次'], ['参加村民会议', 2, '次'], ['垃圾乱堆乱放', -3, '']]
  const home = (p: Person, n: number, state: RoundRow['state']): RoundHome => {
    const scores = names.map((_, i) => (state === 'open' && n > 18 ? -1 : i === 5 ? (n % 9 === 4 ? 1 : -1) : (n * 7 + i * 3) % 4))
    return { id: `h${n}`, head: p.id, name: p.name, masked: mask(p.name), grid: ['第一网格', '第二网格'][n % 2], address: `${2 + (n % 3)}-${1 + (n % 4)}-${101 + n}`, people: 1 + (n % 4), away: n === 11, unlisted: false, scores, points: 0, rivals: [], late: [], paid: state === 'booked', got: 0, waits: 0, objections: [] }
  }
  const add = (id: string, title: string, state: RoundRow['state']) => {
    const r: RoundView = { id, title, span: '2026-03', state, made: NOW - 6 * DAY, until: state === 'open' ? 0 : NOW + 3 * DAY, days: 5, registrar, version: 3, items: names.map(([name, points, unit], n) => ({ code: `P${n}`, name, group: '评议', unit, per: 0, points, most: points < 0 ? 1 : 1000, cap: n === 4 ? 2 : 0 })), homes: people.slice(0, 28).map((p, n) => home(p, n, state)), present: [3, 8, 12].map((n) => ({ id: people[n].id, name: people[n].name })), strays: 0 }
    rounds.unshift(r)
    return r
  }
  if (!wish.empty && people.length) {
    add('r1', '2026 年 2 月评议', 'booked')
    const shown = add('r2', '2025 年第四季度评议', 'published')
    shown.homes[4].objections = [{ tag: 'o1', at: NOW - 3_600_000, by: '刘样', text: '那天院子是借给村里办活动的，第二天就收拾了。', answered: false, right: false, answeredBy: '', answer: '' }]
    add('r3', '2026 年 3 月评议', 'open').homes[2].rivals = [{ item: 'P0', n: 2, by: '办公室 1 号电脑' }, { item: 'P0', n: 3, by: '滨河实践站电脑' }]
  }
  const sum = (r: RoundView) => { for (const h of r.homes) h.got = h.points = h.scores.reduce((s, n, i) => s + Math.min(Math.max(0, n) * r.items[i].points, r.items[i].cap || Infinity), 0); return r }
  const find = (id: string) => sum(rounds.find((r) => r.id === id) ?? ((): never => { throw new CallFault('assess.unknown') })())
  const copy = (r: RoundView): RoundView => JSON.parse(JSON.stringify(r))
  return {
    'assess.list': () => ({ rows: rounds.map((r) => ({ ...r })), registrar }),
    'assess.begin': ({ title, span, items: codes, days }) => {
      const r = add(`n${rounds.length}`, title, 'open')
      const all = items()
      Object.assign(r, { span, days, present: [], items: codes.map((c) => { const i = all.find((x) => x.code === c)!; return { code: c, name: i.name, group: i.group, unit: i.unit, per: i.per, points: i.kind === 'deduct' ? -i.points : i.points, most: i.kind === 'deduct' ? 1 : 1000, cap: i.dayCap } }) })
      for (const h of r.homes) h.scores = codes.map(() => -1)
      return { id: r.id }
    },
    'assess.get': ({ id }) => copy(find(id)),
    'assess.score': ({ id, cells }) => { const r = find(id); for (const c of cells) { const h = r.homes.find((x) => x.id === c.home)!; h.scores[r.items.findIndex((i) => i.code === c.item)] = c.n; h.rivals = h.rivals.filter((x) => x.item !== c.item) } return {} },
    'assess.sheetPreview': ({ id, file }) => {
      const r = find(id)
      const line = (n: number, more: Partial<ScoreLine>): ScoreLine => ({ line: n + 3, home: r.homes[n].id, name: r.homes[n].name, masked: r.homes[n].masked, address: r.homes[n].address, changes: [], problems: [], ...more })
      const good = [line(1, { changes: [{ item: 'P0', before: [1], after: 2 }, { item: 'P3', before: [], after: 1 }] }), line(2, { changes: [{ item: 'P0', before: [2, 3], after: 3 }] }), line(6, { changes: [{ item: 'P1', before: [2], after: -1 }] })]
      const bad = [line(3, { problems: [{ code: 'number', column: 'P0 庭院整洁', with: '很好', max: 1000 }, { code: 'formula', column: 'P1 孝老爱亲', with: '', max: 0 }] }), { ...line(4, { problems: [{ code: 'home', column: '', with: '', max: 0 }] }), home: '', name: '无名氏', masked: '无名氏' }]
      const wrong = file.length > 8 // a large file has mistakes
      return { token: 't', lines: wrong ? [good[0], ...bad] : good, same: r.homes.length - 3, changes: wrong ? 2 : 4, bad: wrong ? 2 : 0, missing: ['垃圾乱堆乱放'], unknown: wrong ? ['天气'] : [] }
    },
    'assess.sheetImport': () => ({}),
    'assess.present': ({ id, people: list }) => { find(id).present = list.map((p) => ({ id: p, name: people.find((x) => x.id === p)?.name ?? '' })); return {} },
    'assess.publish': ({ id }) => { Object.assign(find(id), { state: 'published', until: NOW + 5 * DAY }); return {} },
    'assess.object': ({ id, home: h, text }) => { find(id).homes.find((x) => x.id === h)!.objections.push({ tag: `o${text.length}`, at: NOW, by: '陈样', text, answered: false, right: false, answeredBy: '', answer: '' }); return {} },
    'assess.answer': ({ id, home: h, tag, yes, why, scores }) => { const x = find(id).homes.find((y) => y.id === h)!; Object.assign(x.objections.find((o) => o.tag === tag)!, { answered: true, right: yes, answer: why, answeredBy: '陈样' }); if (yes) x.scores = scores; return {} },
    'assess.book': ({ id }) => { find(id).state = 'booked'; return { claims: 31, points: 214, double: 0 } },
    'assess.drop': ({ id }) => { find(id).state = 'dropped'; return {} },
  }
}
