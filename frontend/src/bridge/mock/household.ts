import type { HouseholdBook, HouseholdLine, Line, Person } from '../api'
import type { Handlers } from './calls'

// The account of a pretended household, as the program weaves it of its members' books.
export function householdBook(members: Person[], book: (id: string) => Line[]): HouseholdBook {
  const sum = (of: 'lifetime' | 'year' | 'spendable' | 'vouchers' | 'onTheWay' | 'debt') => members.reduce((n, p) => n + p[of], 0)
  const sums = { lifetime: sum('lifetime'), year: sum('year'), spendable: sum('spendable'), vouchers: sum('vouchers'), onTheWay: sum('onTheWay'), debt: sum('debt') }
  const lines: HouseholdLine[] = members.flatMap((p, member) => book(p.id).map((l, n) => ({ ...l, member, at: l.at - (member * 31 + n) * 3_600_000 }))).sort((a, b) => b.at - a.at)
  let balance = sums.spendable + sums.vouchers
  for (const l of lines) {
    if (l.state !== 'booked') continue
    Object.assign(l, { balance, before: balance - l.amount, debt: 0, owed: 0 })
    balance -= l.amount
  }
  return { members: members.map((p, n) => ({ id: p.id, name: p.name, masked: p.masked, head: n === 0, lifetime: p.lifetime, year: p.year, spendable: p.spendable, vouchers: p.vouchers, onTheWay: p.onTheWay, debt: p.debt })), hidden: 0, sums, total: lines.length, lines }
}

export function householdCalls(registrar: boolean, find: (id: string) => Person, book: (id: string) => Line[]): Pick<Handlers, 'people.household' | 'household.book' | 'household.rule' | 'household.setRule'> {
  let on = true
  return {
    'people.household': ({ household }) => ({ household: household || 'h9' }),
    'household.book': ({ id, offset, limit, paper }) => {
      const members = find(id).members.map((m) => find(m.id))
      const all = householdBook(members.length ? members : [find(id)], book)
      const lines = all.lines.slice(offset, offset + limit)
      return { ...all, lines: paper ? lines.map((l) => ({ ...l, place: '', operator: '', witness: '', text: l.kind === 'award' ? l.text : '' })) : lines }
    },
    'household.rule': () => ({ on, registrar }),
    'household.setRule': (r) => { on = r.on; return {} },
  }
}
