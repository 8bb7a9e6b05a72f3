import type { Arriving, Departure, Person } from '../api'
import type { Handlers } from './calls'
import { at } from './world'

type Names = 'people.moveLook' | 'people.moveAway' | 'people.movers' | 'people.arrive'

// One person comes from another community, one waits for credit, one has left.
export function movingCalls(find: (id: string) => Person, no: (code: string) => never, people: Person[]): Pick<Handlers, Names> {
  const came = (x: Partial<Arriving>): Arriving => ({ burn: 'b1', from: '桥东社区', name: '居民甲', phone: '13900000021', idNumber: '', birthday: '1961-04-02', cohorts: [{ period: '2026', points: 86 }], points: 86, lifetime: 412, year: 120, consent: 'self', at: at(24, 10, 0), by: '吴样', missing: 0, here: true, done: 0, similar: [], ...x })
  const arrivals: Arriving[] = people.length ? [came({ similar: [{ person: people[5], reasons: ['birthday'] }] }), came({ burn: 'b2', name: '居民乙', points: 2300, missing: 620, consent: 'guardian' }), came({ burn: 'b3', name: '居民丙', phone: '', birthday: '', consent: '', at: 0, by: '', points: 40, lifetime: 0, year: 0, done: at(12, 9, 0) })] : []
  const departures: Departure[] = people.length ? [{ id: 'p7', name: people[7].name, partner: '桥东社区', points: 64, at: at(20, 15, 0), by: '陈样', consent: 'self', arrived: 0 }] : []
  const look = (p: Person) => ({ registrar: true, partners: [{ id: 'c1', name: '桥东社区', state: 'good' as const }, { id: 'c2', name: '龙泉社区', state: 'differs' as const }], cohorts: p.here ? [{ period: '2026', points: p.here }] : [], points: p.here, elsewhere: p.spendable > p.here ? [{ device: '滨河实践站电脑', points: p.spendable - p.here }] : [], onTheWay: 0, lifetime: p.lifetime, year: p.year, debt: p.debt, reservations: p.id === 'p4' ? 1 : 0, vouchers: 0, orders: 0, gone: p.gone ?? null })
  return {
    'people.moveLook': ({ id, partner }) => { const p = find(id); if (partner) p.here = p.spendable; return look(p) },
    'people.moveAway': ({ id, consent, name }) => {
      const p = find(id)
      if (p.name !== name.trim()) no('people.erase.name')
      p.gone = { id, name: p.name, partner: '桥东社区', points: p.spendable, at: at(26, 10, 0), by: '陈样', consent, arrived: 0 }
      Object.assign(p, { spendable: 0, here: 0, cardBlocked: true })
      departures.unshift(p.gone)
      return look(p)
    },
    'people.movers': () => ({ registrar: true, arrivals: arrivals.map((a) => ({ ...a })), departures: departures.map((d) => ({ ...d })) }),
    'people.arrive': ({ burn, as }) => { const a = arrivals.find((x) => x.burn === burn) ?? no('people.arrive.unknown'); if (a.missing) no('people.arrive.credit'); a.done = at(26, 10, 0); return { id: as || 'p3', existing: !!as, code: '123456789', onTheWay: 0 } },
  }
}
