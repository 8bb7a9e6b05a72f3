import type { Account, Off, PassSlip, Person, Scan, Term } from '../api'
import { CallFault } from '../fault'
import { table } from './honour'
import { NOW, fakeQr } from './world'

// The pretended discounts: what the first person has, and the pass that says so.
const HOLDER = '02184471'
const UNTIL = NOW + 280 * 86_400_000
export function passMock(empty: boolean, merchant: boolean) {
  const levels = table().levels
  const top = levels[levels.length - 1]
  const shown = new Set<string>()
  let terms: Term[] = empty ? [] : [{ level: top.id, life: 0, percent: 10, points: 0 }, { level: '', life: 500, percent: 0, points: 1 }]
  const name = (id: string) => levels.find((l) => l.id === id)?.name ?? ''
  const off = (p: Person): Off[] => (p.code !== HOLDER || (merchant && !shown.has(p.id)) ? [] : terms.map((x) => ({ ...x, name: name(x.level) })))
  const slip = (p: Person, until: number): PassSlip => ({ text: 'JSL1:P', svg: fakeQr(11), person: p.id, masked: p.masked, community: '滨河社区', level: top.name, life: 550, from: NOW, until })
  return {
    off,
    until: (p: Person) => (shown.has(p.id) ? UNTIL : 0),
    slip,
    scan(text: string, account?: Account): Scan {
      if (text.includes('OLD')) throw new CallFault('pass.expired', { until: '2025-12-31' })
      if (account && account.code !== HOLDER) throw new CallFault('pass.other', { masked: '张*芳' })
      shown.add(account?.person ?? '')
      const all = terms.map((x) => ({ ...x, name: name(x.level) }))
      const pass = { person: account?.person ?? '', masked: account?.masked ?? '张*芳', level: top.name, life: 550, until: UNTIL, off: all }
      return account ? { kind: 'person', account: { ...account, off: all, offUntil: UNTIL }, pass } : { kind: 'pass', pass }
    },
    calls: {
      'shop.terms': () => ({ terms: terms.map((x) => ({ ...x })) }),
      'shop.saveTerms': (r: { terms: Term[] }) => { terms = r.terms; return { terms } },
    },
  }
}
