import type { Partner, Partners, Statement } from '../api'
import type { Handlers } from './calls'
import { at } from './world'

const INTRODUCTION = `JSI1:${'iAFYIKq3'.repeat(52)}`
const SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 33 33"><path d="M4 4h7v7h-7zM22 4h7v7h-7zM4 22h7v7h-7zM14 6h2v9h-2zM18 12h4v4h-4zM13 18h6v2h-6zM22 20h3v6h-3zM15 23h4v5h-4z"/></svg>'

// Two communities: one in step with us, one whose figures differ.
function some(): Partner[] {
  const st = (x: Partial<Statement>): Statement => ({ id: 's1', ours: true, number: 1, month: '2026-02', spent: 320, back: 20, moved: 0, deals: 12, backs: 1, movers: 0, peg: 100, owed: -30_000, at: at(1, 0, 5), operator: '', answered: 0, agreed: false, why: '', paidAt: 0, reference: '', state: 'sent', ...x })
  const base = { site: { street: '滨河街道', district: '城东区', city: '太原市' }, theirs: 1500, peg: 100, until: '', theyPeg: 100, month: '2026-02' }
  return [
    { ...base, id: 'c1', name: '桥东社区', ours: 2000, state: 'good', theyOurs: 1500, theyTheirs: 2000, used: 320, left: 1680, over: 13, due: 0, statements: [
      st({ id: 's3', owed: -30_000 }), st({ id: 's4', ours: false, spent: 410, back: 0, moved: 60, deals: 15, movers: 1, owed: 35_000 }),
      st({ id: 's1', month: '2026-01', spent: 180, back: 0, owed: -18_000, answered: at(3, 9, 0), agreed: true, paidAt: at(6, 15, 20), reference: '工行 2026020611', state: 'done' }),
      st({ id: 's2', ours: false, month: '2026-01', spent: 96, back: 6, owed: 9000, answered: at(4, 10, 0), why: '少算一笔退回', state: 'refused' }),
    ] },
    { ...base, id: 'c2', name: '龙泉社区', ours: 1000, theirs: 1000, state: 'differs', theyOurs: 1000, theyTheirs: 800, used: 0, left: 0, over: 0, due: 0, statements: [] },
  ]
}

type Names = 'partners.list' | 'partners.site' | 'partners.read' | 'partners.agree' | 'partners.letter' | 'partners.make' | 'partners.answer' | 'partners.received'

export function partnerCalls(empty: boolean): Pick<Handlers, Names> {
  const all: Partners = { registrar: true, site: { street: '滨河街道', district: '城东区', city: '太原市' }, introduction: INTRODUCTION, fingerprint: '4821 0937 5562 1180 7349', svg: SQUARE, partners: empty ? [] : some() }
  const find = (id: string) => all.partners.find((p) => p.id === id)!
  const statement = (id: string, s: string) => find(id).statements.find((x) => x.id === s)!
  return {
    'partners.list': () => ({ ...all, partners: all.partners.map((p) => ({ ...p, statements: p.statements.map((s) => ({ ...s })) })) }),
    'partners.site': (site) => { all.site = site; return {} },
    'partners.read': () => ({ id: 'c3', name: '新苑社区', site: { street: '滨河街道', district: '城东区', city: '太原市' }, fingerprint: '6604 2718 0093 8145 2277', known: false, moved: false }),
    'partners.agree': ({ id, ours, theirs, peg, until }) => {
      if (id) Object.assign(find(id), { ours, theirs, peg, until })
      else all.partners.push({ id: 'c3', name: '新苑社区', site: all.site, ours, theirs, peg, until, state: 'new', theyOurs: 0, theyTheirs: 0, theyPeg: 0, used: 0, left: 0, over: 0, month: '2026-02', due: 0, statements: [] })
      return {}
    },
    'partners.letter': ({ more }) => ({ upload: more ? 'u1' : '', from: '桥东社区', items: more ? 0 : 7, moved: more ? 0 : 1 }),
    'partners.make': () => ({ made: true }),
    'partners.answer': ({ id, statement: s, why }) => { Object.assign(statement(id, s), { answered: at(26, 10, 0), agreed: !why, why, state: why ? 'refused' : 'agreed' }); return {} },
    'partners.received': ({ id, statement: s, reference }) => { Object.assign(statement(id, s), { paidAt: at(26, 10, 0), reference, state: 'done' }); return {} },
  }
}
