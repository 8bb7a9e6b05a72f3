import type { AwardDay, AwardGift, Calls, Offer, Person } from '../api'
import type { Handlers } from './calls'
import { NOW } from './world'

// An award day of the pretended community: half of it is done.
type AwardCall = Extract<keyof Calls, `award.${string}`>

export function awardCalls(people: Person[], offers: Offer[], wish: { empty?: boolean }, no: (code: string, params?: Record<string, unknown>) => never): Pick<Handlers, AwardCall> {
  const days: AwardDay[] = []
  let gifts: AwardGift[] = []
  const gift = (day: string, p: Person, o: Offer, n: number, home: boolean): AwardGift => ({ id: `g${gifts.length}`, day, person: p.id, masked: p.masked, name: p.name, code: p.code, lines: [{ name: o.name, unit: o.unit, n, points: o.points * n }], points: o.points * n, fen: o.cost * n, here: p.here, state: 'listed', home, given: 0, givenBy: '', receipt: '', times: 0, grid: p.gridName, phone: p.phone, address: p.address })
  const open = (title: string): AwardDay => { const d = { id: `d${days.length}`, title, at: NOW, here: true, device: 'd1', people: 0, done: 0, deliver: 0, points: 0, fen: 0 }; days.unshift(d); return d }
  if (!wish.empty) {
    const d = open('十月集中兑换日')
    people.slice(0, 41).forEach((p, n) => gifts.push({ ...gift(d.id, p, offers[n % 3 ? 8 : 4], 1, true), ...(n < 12 ? { state: 'done' as const, ...(n < 4 ? { given: NOW, givenBy: '刘样' } : {}) } : {}) }))
  }
  const day = (id: string): AwardDay => {
    const list = gifts.filter((g) => g.day === id && (g.state === 'listed' || g.state === 'done'))
    const d = days.find((x) => x.id === id) ?? no('award.unknown')
    return { ...d, people: list.length, done: list.filter((g) => g.state === 'done').length, deliver: list.filter((g) => g.state === 'done' && g.home && !g.given).length, points: list.reduce((n, g) => n + g.points, 0), fen: list.reduce((n, g) => n + g.fen, 0) }
  }
  const change = (id: string, to: Partial<AwardGift>) => { gifts = gifts.map((g) => (g.id === id ? { ...g, ...to } : g)); return gifts.find((g) => g.id === id) ?? no('award.gift') }
  return {
    'award.days': () => ({ days: days.map((d) => day(d.id)) }),
    'award.open': ({ title }) => open(title),
    'award.get': ({ id }) => ({ day: day(id), gifts: gifts.filter((g) => g.day === id) }),
    'award.list': ({ day: id, people: list, lines, home }) => { for (const p of list) gifts.push(gift(id, people.find((x) => x.id === p)!, offers.find((o) => o.id === lines[0].offer)!, lines[0].n, home)); return {} },
    'award.strike': ({ id }) => { change(id, { state: 'cancelled' }); return {} },
    'award.redeem': ({ id }) => { const g = gifts.find((x) => x.id === id); if (g && g.here < g.points) no('till.short', { here: g.here, need: g.points, missing: g.points - g.here, spendable: g.here, onTheWay: 0 }); return change(id, { state: 'done', receipt: 'ab' }) },
    'award.deliver': ({ id, by }) => change(id, { given: by ? NOW : 0, givenBy: by }),
  }
}
