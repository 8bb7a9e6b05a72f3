import type { Merchant, Person, Scope } from '../api'
import * as w from './world'

// Merchants and their scopes, as the district of the reports has them, made small.
const SCOPES: Scope[] = ['community', 'street', 'district', 'city']

export function merchantCalls(empty: boolean, registrar: boolean, people: Person[]) {
  const own = (place: string, name: string, scope: Scope): Merchant => ({ place, name, scope, home: '', until: 0, devices: 1, credit: 0, keepers: people.filter((p) => p.shop === place) })
  const list: Merchant[] = empty ? [] : [
    own('p3', '惠民超市', 'street'), own('p4', '顺心理发店', 'community'), own('p5', '仁和眼镜', 'district'), own('p6', '老街早点铺', 'community'),
    { place: 'p7', name: '桥东生鲜', scope: 'street', home: '桥东社区', until: w.at(26, 9, 0) + 200 * 86_400_000, devices: 1, credit: 380, keepers: [] },
  ]
  const all = () => {
    const ours = list.filter((m) => !m.home)
    return {
      merchants: list.map((m) => ({ ...m })), registrar, sited: true,
      scopes: SCOPES.map((scope, i) => ({ scope, only: ours.filter((m) => m.scope === scope).length, atLeast: ours.filter((m) => SCOPES.indexOf(m.scope) >= i).length })),
    }
  }
  return {
    'merchants.list': all,
    'merchants.scope': ({ place, scope }: { place: string; scope: Scope }) => { const m = list.find((x) => x.place === place); if (m) m.scope = scope; return all() },
    'merchants.renew': () => all(),
  }
}

// The communities of a merchant's computer: two, where a test wants them.
export function visitCalls(several: boolean) {
  const sync = { online: 3, total: 5, keepers: 3, last: w.at(26, 10, 32), onlyHere: 0, offlineSince: 0, cut: false, attention: 0 }
  const home = { id: 'c1', name: '滨河社区', home: true, sync }
  const visits = several ? [home, { id: 'c2', name: '桥东社区', home: false, sync }] : [home]
  return {
    'visits.list': () => ({ visits: visits.map((v) => ({ ...v })), scope: (several ? 'street' : 'community') as Scope, text: several ? 'JSS1:jQFYIA' : '', until: w.at(26, 9, 0) + 300 * 86_400_000 }),
    'visits.join': () => { visits.push({ id: `c${visits.length + 1}`, name: '柳溪社区', home: false, sync }); return { id: `c${visits.length}` } },
  }
}
