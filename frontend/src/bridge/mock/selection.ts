import type { Nominee, Person, SelectionState, SelectionView } from '../api'
import { CallFault } from '../fault'
import type { Handlers, Wish } from './calls'
import { NOW, mask } from './world'

const DAY = 86_400_000
type Names = 'selection.list' | 'selection.begin' | 'selection.get' | 'selection.nominate' | 'selection.judge' | 'selection.check' | 'selection.open' | 'selection.voter' | 'selection.vote' | 'selection.tally' | 'selection.publish' | 'selection.object' | 'selection.answer' | 'selection.decide' | 'selection.honour' | 'selection.drop'
const WHY = ['照顾瘫痪的婆婆十二年，一日三餐端到床前。', '婆媳和睦，邻居有事总是第一个到。', '丈夫在外打工，一个人照料两边四位老人。', '办起楼道读书角，孩子放学有地方去。', '疫情时给独居老人送菜三个月。']

// Selections of the pretended community: one at each step that has a screen of its own.
export function selectionCalls(wish: Wish, registrar: boolean, people: Person[]): Pick<Handlers, Names> {
  const all: SelectionView[] = []
  const voted = new Set<string>()
  const nominee = (p: Person, n: number, more: Partial<Nominee>): Nominee => ({ id: p.id, name: p.name, masked: mask(p.name), grid: ['第一网格', '第二网格'][n % 2], gone: false, said: [{ text: WHY[n % WHY.length], at: NOW - 9 * DAY, by: '办公室 1 号电脑' }], shown: WHY[n % WHY.length], verdict: 'yes', checks: [{ yes: true, text: '派出所、民政、网格都没有意见', at: NOW - 6 * DAY, by: '办公室 1 号电脑' }], line: n + 1, same: 0, votes: -1, chosen: false, struck: false, won: -1, objections: [], ...more })
  const add = (id: string, title: string, state: SelectionState, nominees: Nominee[], more: Partial<SelectionView> = {}) => {
    all.unshift({ id, title, kind: 'people', state, made: NOW - 12 * DAY, until: ['notice', 'due', 'decided', 'honoured'].includes(state) ? NOW + 3 * DAY : 0, days: 5, phone: false, registrar, places: 2, choices: 2, item: '好媳妇', points: 50, grant: 0, nominees, people: 828, voters: 0, unread: 0, differ: [], late: [], ...more })
    return all[0]
  }
  if (!wish.empty && people.length) {
    const who = people.slice(2, 7)
    const votes = [212, 187, 187, 96, 41]
    add('s1', '2025 年好媳妇', 'honoured', who.slice(0, 3).map((p, n) => nominee(p, n, { votes: votes[n], chosen: n < 2, won: n < 2 ? 0 : -1 })), { voters: 402 })
    add('s2', '2026 年好邻居', 'notice', who.map((p, n) => nominee(p, n, { votes: votes[n], chosen: n < 2, objections: n === 1 ? [{ tag: 'o1', at: NOW - 3_600_000, by: '刘样', text: '去年楼道里堆的东西说了几次才清。', answered: false, right: false, answeredBy: '', answer: '' }] : [] })), { voters: 431 })
    add('s3', '2026 年公益项目', 'due', ['楼道读书角', '爱心理发队', '屋顶菜园', '银发课堂'].map((name, n) => nominee(who[n], n, { id: `p${n}`, name, masked: name, grid: '', votes: votes[n], chosen: n < 3, said: [{ text: '去年办了十场，三百多人来过。', at: NOW - 9 * DAY, by: '滨河实践站电脑' }], shown: '去年办了十场，三百多人来过。' })), { kind: 'projects', places: 3, choices: 3, grant: 20_000, item: '', points: 0, voters: 366, until: NOW - DAY })
    add('s4', '2026 年文明家庭', 'counted', who.map((p, n) => nominee(p, n, { votes: votes[n] })), { voters: 398, unread: 1, late: [{ name: people[9].name, masked: mask(people[9].name), votes: [{ at: NOW - 7_200_000, by: '滨河实践站电脑', counts: false }] }] })
    add('s5', '2026 年好媳妇', 'vote', who.map((p, n) => nominee(p, n, {})), { voters: 173, differ: [{ name: people[8].name, masked: mask(people[8].name), votes: [{ at: NOW - 2 * DAY, by: '办公室 1 号电脑', counts: true }, { at: NOW - DAY, by: '滨河实践站电脑', counts: false }] }] })
    add('s6', '2026 年最美志愿者', 'check', who.map((p, n) => nominee(p, n, { line: 0, verdict: n === 1 ? 'differ' : n > 2 ? '' : n === 2 ? 'no' : 'yes', checks: n > 2 ? [] : [{ yes: n !== 2, text: n === 2 ? '服务记录对不上' : '没有意见', at: NOW - DAY, by: '办公室 1 号电脑' }, ...(n === 1 ? [{ yes: false, text: '还要核实', at: NOW - DAY, by: '滨河实践站电脑' }] : [])] })))
  }
  const find = (id: string) => all.find((s) => s.id === id) ?? ((): never => { throw new CallFault('selection.unknown') })()
  const set = (id: string, state: SelectionState) => { find(id).state = state; return {} }
  const nom = (id: string, n: string) => find(id).nominees.find((x) => x.id === n)!
  return {
    'selection.list': () => ({ rows: all.map((s) => ({ ...s })), registrar }),
    'selection.begin': (r) => ({ id: add(`n${all.length}`, r.title, 'nominate', [], { ...r, item: r.item && '好媳妇', points: r.item ? 50 : 0 }).id }),
    'selection.get': ({ id }) => JSON.parse(JSON.stringify(find(id))),
    'selection.nominate': ({ id, person, name, text }) => { const p = people.find((x) => x.id === person) ?? people[0]; find(id).nominees.push(nominee(p, 0, { ...(name ? { id: `p${name}`, name, masked: name, grid: '' } : {}), line: 0, verdict: '', checks: [], said: [{ text, at: NOW, by: '办公室 1 号电脑' }], shown: text })); return {} },
    'selection.judge': ({ id, nominee: n, yes, why }) => { Object.assign(nom(id, n), { verdict: yes ? 'yes' : 'no', checks: [{ yes, text: why, at: NOW, by: '办公室 1 号电脑' }] }); return {} },
    'selection.check': ({ id }) => set(id, 'check'),
    'selection.open': ({ id }) => { find(id).nominees.filter((n) => n.verdict === 'yes').forEach((n, i) => { n.line = i + 1 }); return set(id, 'vote') },
    'selection.voter': ({ id, person }) => ({ voted: voted.has(id + person), at: NOW - DAY, device: '办公室 1 号电脑' }),
    'selection.vote': ({ id, person }) => { voted.add(id + person); find(id).voters++; return {} },
    'selection.tally': ({ id }) => { find(id).nominees.forEach((n, i) => { n.votes = 90 - 7 * i }); return set(id, 'counted') },
    'selection.publish': ({ id, lines }) => { const s = find(id); s.until = NOW + s.days * DAY; s.nominees.forEach((n) => { n.chosen = lines.includes(n.line) }); return set(id, 'notice') },
    'selection.object': ({ id, nominee: n, text }) => { nom(id, n).objections.push({ tag: `o${text.length}`, at: NOW, by: '陈样', text, answered: false, right: false, answeredBy: '', answer: '' }); return {} },
    'selection.answer': ({ id, nominee: n, tag, yes, why }) => { Object.assign(nom(id, n).objections.find((o) => o.tag === tag)!, { answered: true, right: yes, answer: why, answeredBy: '陈样' }); nom(id, n).struck ||= yes; return {} },
    'selection.decide': ({ id, grants }) => { find(id).nominees.forEach((n) => { if (n.chosen && !n.struck) n.won = grants.find((g) => g.line === n.line)?.yuan ?? 0 }); return set(id, 'decided') },
    'selection.honour': ({ id }) => { set(id, 'honoured'); const n = find(id).nominees.filter((x) => x.won >= 0).length; return { claims: find(id).item ? n : 0, points: n * find(id).points, double: 0 } },
    'selection.drop': ({ id }) => set(id, 'dropped'),
  }
}
