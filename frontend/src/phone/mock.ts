import type { PhoneActivity, PhoneMe } from '../bridge/api'
import { Away, Refused, type Send } from './call'
import { NOW, activities, fakeQr, passbook, people } from '../bridge/mock/world'
import * as honour from '../bridge/mock/honour'
import { desk } from './desk'

// The pretended station for pictures: ?in=1 is signed in, ?offline=1 is away.
export function phoneMock(search: string): Send {
  const q = new URLSearchParams(search)
  const p = people(1)[0]
  const me: PhoneMe = { person: p.id, masked: p.masked, code: p.code, cardSvg: fakeQr(7), lifetime: 558, year: 98, spendable: 78, onTheWay: 18, sessions: 6, community: '滨河社区', clock: NOW, honour: honour.standing(honour.table(), 190, NOW, true, 3) }
  const rows = activities.filter((a) => a.end > NOW).map((a): PhoneActivity => ({ ...a, organiser: '李*国', note: '劝用鲜花代替烧纸。自带水杯，穿红马甲，东门集合。', itemName: '文明引导', points: 3, minutes: 60, mine: a.id === 'a2' ? 'confirmed' : '', rank: 0, inAt: 0, outAt: 0 }))
  if (q.has('in')) { desk.token = 't'; desk.me = me }
  if (q.has('offline')) { desk.activities = rows; desk.seen = Date.now() - 12 * 60_000; desk.drift = NOW - Date.now() }
  const find = (id: string) => rows.find((a) => a.id === id) ?? refuse('activity.unknown')
  return async (name, body) => {
    const b = body as Record<string, string>
    if (q.has('offline')) throw new Away()
    if (name === 'phone.hello') return { community: '滨河社区', place: '滨河实践站', clock: NOW }
    if (name === 'phone.signIn') return b.tail === '0417' ? { token: 't', me } : refuse('phone.wrong')
    if (name === 'phone.me') return me
    if (name === 'phone.passbook') return { total: 10, lines: passbook(p) }
    if (name === 'phone.activities') return { rows }
    if (name === 'phone.activity') return find(b.id)
    if (name === 'phone.signUp') return Object.assign(find(b.id), find(b.id).confirmed < find(b.id).places ? { mine: 'confirmed' } : { mine: 'waiting', rank: find(b.id).waiting + 1 })
    if (name === 'phone.signOff') return Object.assign(find(b.id), { mine: '' })
    if (name === 'phone.checkIn') return b.code.length < 6 ? refuse('activity.code.bad') : { ...find('a1'), mine: 'confirmed', inAt: NOW }
    return refuse('call.unknown')
  }
}
function refuse(code: string): never { throw new Refused({ code }) }
