import type { Calls, Duty, Item, Person } from '../api'
import { DAY } from '@/words/format'
import type { Wish } from './calls'
import { NOW } from './world'

type Names = Extract<keyof Calls, `duty.${string}`>

// Lasting tasks of the pretended people.
export function dutyCalls(wish: Wish, people: Person[], items: () => Item[]): Pick<{ [K in keyof Calls]: (p: Calls[K][0]) => Calls[K][1] }, Names> {
  const make = (n: number, d: Partial<Duty>): Duty => {
    const p = d.person === '' ? null : people[n * 3 + 1]
    const item = items().find((i) => i.kind === 'time') ?? items()[0]
    return { id: `t${n}`, kind: 'duty', title: '', place: '', item: item.code, itemName: item.name, points: item.points, minutes: item.minutes, per: 'week', times: 1, person: p?.id ?? '', name: p?.name ?? '', masked: p?.masked ?? '', since: NOW - 60 * DAY, made: NOW - 60 * DAY, by: '陈样', ended: 0, why: '', done: 0, before: 0, last: 0, waits: false, ...d }
  }
  const list: Duty[] = wish.empty ? [] : [
    make(1, { title: '查院里飞线充电', place: '2 号院、5 号院', per: 'day', times: 1, before: 1, last: NOW - DAY }),
    make(2, { title: '清理楼道杂物', place: '和平里一网格', per: 'week', times: 3, done: 1, before: 2, last: NOW - DAY }),
    make(3, { title: '给行动不便的老党员送学', per: 'month', times: 1, before: 1, last: NOW - 31 * DAY }),
    make(4, { kind: 'spot', title: '2号院北墙角', place: '2 号院', per: 'week', times: 2, done: 2, before: 2, last: NOW }),
    make(5, { kind: 'tree', title: '小广场东边的槐树', place: '小广场', per: 'month', times: 2, done: 1, before: -1, last: NOW - 4 * DAY }),
    make(6, { kind: 'spot', title: '车棚后面', place: '5 号院', person: '', before: -1 }),
    make(7, { kind: 'spot', title: '旧宣传栏', ended: NOW - 9 * DAY, why: '宣传栏拆了', last: NOW - 12 * DAY }),
  ]
  const find = (id: string) => list.find((d) => d.id === id)!
  const of = (id: string) => { const p = people.find((x) => x.id === id); return { person: id, name: p?.name ?? '', masked: p?.masked ?? '', since: NOW, before: -1 } }
  return {
    'duty.list': () => ({ duties: [...list] }),
    'duty.open': ({ person, ...d }) => { list.unshift({ ...make(0, { ...d, made: NOW }), id: `t${list.length + 1}`, ...of(person) }); return { id: list[0].id } },
    'duty.hand': ({ id, person }) => { Object.assign(find(id), of(person)); return {} },
    'duty.end': ({ id, reason }) => { Object.assign(find(id), { ended: NOW, why: reason }); return {} },
    'duty.done': ({ id }) => { const d = find(id); Object.assign(d, { done: d.done + 1, last: NOW }); return { points: 2, onTheWay: false, capped: false, lifetime: 100, here: 20, spendable: 20, settled: 0, debt: 0, ref: null, again: false } },
  }
}
