import type { PhoneActivity, PhoneClaim, PhoneRound, PhoneMe, PhoneShelf, PhoneShop, PhoneVouchers, PhoneWish } from '../bridge/api'
import { Away, Refused, type Send } from './call'
import { made } from '../bridge/mock/orders'
import { blankItem } from '../words/item'
import { NOW, activities, fakeQr, mask, offers, passbook, people } from '../bridge/mock/world'
import { goodOf, photoOf } from '../bridge/mock/picture'
import { householdBook } from '../bridge/mock/household'
import { notices, proposal } from '../bridge/mock/publicity'
import { RULES } from '../bridge/mock/bylaw'
import * as honour from '../bridge/mock/honour'
import { desk } from './desk'

// The pretended station for pictures: ?in=1 is signed in, ?offline=1 is away.
export function phoneMock(search: string): Send {
  const q = new URLSearchParams(search)
  const p = people(1)[0]
  const me: PhoneMe = { person: p.id, masked: p.masked, code: p.code, cardSvg: fakeQr(7), lifetime: 558, year: 98, spendable: 78, vouchers: 0, onTheWay: 18, debt: 0, sessions: 6, community: '滨河社区', clock: NOW, honour: honour.standing(honour.table(), 190, NOW, true, 3), ranking: true, votes: 1, family: 3, rounds: 2, object: q.has('assessed') ? 1 : 0 }
  const rows = activities.filter((a) => a.end > NOW).map((a): PhoneActivity => ({ ...a, organiser: '李*国', note: '劝用鲜花代替烧纸。自带水杯，穿红马甲，东门集合。', itemName: '文明引导', points: 3, minutes: 60, mine: a.id === 'a2' ? 'confirmed' : '', rank: 0, inAt: 0, outAt: 0 }))
  if (q.has('pending')) Object.assign(rows.find((a) => a.id === 'a5')!, { mine: 'pending', confirmed: 0, pending: 1, waiting: 0, rank: 1 })
  const day = 86_400_000
  const claim = (n: number, text: string, points: number, state: PhoneClaim['state'], more: Partial<PhoneClaim> = {}): PhoneClaim => ({ id: `k${n}`, item: 'KF0' + n, text, version: 3, at: NOW - n * day, points: -points, worth: -points, note: '', state, until: 0, days: 5, told: NOW - day, why: '', appeal: '', appeals: true, photos: 0, ...more })
  const told = q.has('told') ? [claim(1, '占用消防通道', 3, 'tell', { note: '电动车停在楼道口', told: 0 }), claim(2, '楼道堆放杂物', 2, 'notice', { until: NOW + 3.4 * day, note: '旧沙发放在二楼平台' }), claim(3, '毁绿种菜', 10, 'dropped', { appeals: false, appeal: '那块地是物业让种的', why: '物业确认过' })] : []
  if (q.has('claimed')) told.push(claim(4, '照看独居老人', -4, 'asked', { until: NOW + 12 * day, appeals: false, photos: 1, room: 3, asked: [{ at: NOW - day, by: '', text: '照看的是哪一家？请补一张照片', repliedAt: 0, reply: '', how: '' }] }), claim(5, '打扫楼道', -1, 'review', { photos: 2, appeals: false }), claim(6, '照看独居老人', -4, 'notice', { until: NOW + 2 * day, appeals: false }), claim(7, '帮邻居代买、代办', -2, 'booked', { note: '给 3 单元王奶奶买降压药', appeals: false }), claim(8, '打扫楼道', -1, 'refused', { why: '那天是物业打扫的', appeals: false }))
  if (q.has('in')) { desk.token = 't'; desk.me = me }
  if (q.has('offline')) { desk.activities = rows; desk.claims = told; desk.seen = Date.now() - 12 * 60_000; desk.drift = NOW - Date.now() }
  const rounds: PhoneRound[] = [
    { id: 'r2', title: '第一季度评议', span: '2026q1', state: 'published', until: NOW + 3.4 * day, points: 19, scores: [{ name: '庭院整洁', unit: '', n: 2, points: 10 }, { name: '孝老爱亲', unit: '', n: 1, points: 5 }, { name: '参加村民会议', unit: '', n: 3, points: 6 }, { name: '楼道堆放杂物', unit: '', n: 1, points: -2 }], objections: [], objects: true },
    { id: 'r1', title: '第四季度评议', span: '2025q4', state: 'booked', until: NOW - 60 * day, points: 10, scores: [{ name: '庭院整洁', unit: '', n: 2, points: 10 }], objections: [{ at: NOW - 64 * day, text: '十二月也打扫了院子，少记一次。', answered: true, right: true, answer: '属实，补记一次。' }], objects: false },
  ]
  const find = (id: string) => rows.find((a) => a.id === id) ?? refuse('activity.unknown')
  return async (name, body) => {
    const b = body as Record<string, string>
    if (q.has('offline')) throw new Away()
    if (name === 'phone.hello') return { community: '滨河社区', place: '滨河实践站', clock: NOW, apply: q.has('apply') }
    if (name === 'phone.applyForm') return { grids: [{ id: 'g1', name: '和平里一网格' }, { id: 'g2', name: '和平里二网格' }] }
    if (name === 'phone.apply') return { number: '482199301175' }
    if (name === 'phone.applied') return q.get('apply') === 'no' ? { state: 'refused', at: NOW - 3 * day, ended: NOW - day, reason: '不住在本社区，请到所住的社区登记' } : q.get('apply') === 'yes' ? { state: 'accepted', at: NOW - 3 * day, ended: NOW - day, reason: '' } : refuse('newcomer.unknown')
    if (name === 'phone.signIn') return b.tail === '0417' ? { token: 't', me } : refuse('phone.wrong')
    if (name === 'phone.me') return me
    if (name === 'phone.passbook') return { total: 10, lines: passbook(p) }
    if (name === 'phone.rounds') return { rounds }
    if (name === 'phone.objectRound') { rounds[0].objections.push({ at: NOW, text: b.text, answered: false, right: false, answer: '' }); return { rounds } }
    if (name === 'phone.household') {
      const all = householdBook(people(3), (id) => passbook(people(3).find((x) => x.id === id)!))
      const lines = all.lines.map((l) => (l.member ? { ...l, place: '', operator: '', witness: '', photos: 0, text: l.kind === 'award' ? l.text.replace(/ \d.*/, '') : '' } : l))
      return { members: all.members.map((m, n) => ({ ...m, mine: n === 0 })), hidden: 1, sums: all.sums, total: lines.length, lines }
    }
    if (name === 'phone.photos') return { hashes: b.hash === 'h1' ? ['one', 'two-away', 'three'] : ['four'] }
    if (name === 'phone.photo') return b.hash.endsWith('-away') ? refuse('photo.away') : { jpeg: photoOf(b.hash) }
    if (name === 'phone.rules') return { items: [blankItem({ code: 'A1', group: '邻里互助', name: '帮邻居代买、代办', kind: 'deed', points: 2, self: true, witness: true }), blankItem({ code: 'A2', group: '邻里互助', name: '照看独居老人', kind: 'time', points: 2, minutes: 60, self: true }), blankItem({ code: 'B1', group: '环境', name: '打扫楼道', kind: 'deed', points: 1, self: true })], rules: [] }
    if (name === 'phone.shot') return { at: 0 }
    if (name === 'phone.claim') { told.unshift(claim(9, b.text, -3, 'review', { appeals: false })); return { claims: told } }
    if (name === 'phone.reply') { const c = told.find((c) => c.id === b.id)!; Object.assign(c, { state: 'review', asked: c.asked!.map((x) => ({ ...x, repliedAt: NOW, reply: b.text })) }); return { claims: told } }
    if (name === 'phone.claims') return { claims: told }
    if (name === 'phone.shown') { for (const c of told) if (c.state === 'tell') Object.assign(c, { state: 'notice', told: NOW }); return { claims: told } }
    if (name === 'phone.appealClaim') { Object.assign(told.find((c) => c.id === b.id)!, { state: 'appealed', appeal: b.text, appeals: false }); return { claims: told } }
    if (name === 'phone.activities') return { rows }
    if (name === 'phone.board') return { notices: notices.filter((n) => n.state === 'force' && (!n.grid || n.grid !== '@merchants' && q.has('in'))) }
    if (name === 'phone.activity') return find(b.id)
    if (name === 'phone.signUp') return Object.assign(find(b.id), find(b.id).confirmed < find(b.id).places ? { mine: 'confirmed' } : { mine: 'waiting', rank: find(b.id).waiting + 1 })
    if (name === 'phone.signOff') return Object.assign(find(b.id), { mine: '' })
    if (name === 'phone.checkIn') return b.code.length < 6 ? refuse('activity.code.bad') : { ...find('a1'), mine: 'confirmed', inAt: NOW }
    if (name === 'phone.wishes') return { mine: [3, 7, 8].map((n) => wish(n, true)), given: [4, 5].map((n) => wish(n, false)) }
    if (name === 'phone.wish' || name.endsWith('Wish')) return wish(Number((b.id ?? 'w3').slice(1)), ![4, 5].includes(Number((b.id ?? 'w3').slice(1))))
    if (name === 'phone.projects' || name === 'phone.like') return { projects: [['上门理发', '理发', 47], ['义诊量血压', '健康', 49], ['家电维修', '维修', 48]].map(([name, type, stars], n) => ({ id: `j${n}`, name, type, note: '', stars, likes: 9, liked: n === 1 })) }
    if (name === 'phone.ranking') return { span: b.span, rows: people(20).map((x, n) => ({ rank: n + 1, masked: x.masked, points: 310 - n * 7, mine: false })), mine: { rank: 31, masked: p.masked, points: 98, mine: true } }
    if (name === 'phone.proposals' || name === 'phone.propose') return { rows: [...(b.text ? [proposal(0, { id: 'q9', text: b.text })] : []), proposal(1, {}), proposal(0, { at: NOW - 22 * day, state: 'done', replies: [{ at: NOW - 20 * day, state: 'council', text: '三月议事会上议。', by: '' }, { at: NOW - day, state: 'done', text: '2 号院、5 号院各添了三条。', by: '' }], decision: { minutes: '', meeting: '三月议事会', at: NOW - 3 * day, matter: { title: '给院里添几条长椅', decision: '在 2 号院、5 号院各添三条，从社区经费里出', for: 19, against: 2, abstain: 2, done: NOW - day, action: '六条长椅已经安好' } } })] }
    if (name === 'phone.selections' || name === 'phone.vote') return { rows: [{ id: 's5', title: '2026 年好媳妇', choices: 2, voted: name === 'phone.vote', lines: people(7).slice(2).map((x, n) => ({ n: n + 1, name: x.masked, text: ['照顾瘫痪的婆婆十二年，一日三餐端到床前。', '婆媳和睦，邻居有事总是第一个到。', '丈夫在外打工，一个人照料两边四位老人。'][n % 3] })) }] }
    if (name === 'phone.tills') return { tills: [{ id: 'p3', name: '惠民超市', place: 'p3' }, { id: 'p4', name: '老街理发店', place: 'p4' }], most: 60, days: 7 }
    if (name === 'phone.vouchers' || name === 'phone.voucher' || name === 'phone.recall') return slips()
    if (name === 'phone.pass') return { pass: { text: 'JSL1:P', svg: fakeQr(11), person: p.id, masked: p.masked, community: '滨河社区', level: '五星志愿者', life: 550, from: NOW, until: NOW + 30 * day }, places: q.has('empty') ? [] : [{ name: '惠民超市', off: [{ level: 'l2', name: '五星志愿者', life: 0, percent: 10, points: 0 }] }, { name: '滨河实践站', off: [{ level: 'l1', name: '三星志愿者', life: 0, percent: 5, points: 0 }, { level: '', name: '', life: 500, percent: 0, points: 1 }] }] }
    if (name === 'phone.shelf') return shelf(q.has('in'))
    if (name === 'phone.shops') return { shops: q.has('empty') ? [] : shops() }
    if (name === 'phone.pictures') return { photos: Object.fromEntries((body as { hashes: string[] }).hashes.map((h) => [h, goodOf(h)])) }
    if (name === 'phone.order' || name === 'phone.cancelOrder') return shelf(true)
    return refuse('call.unknown')
  }
}
function shelf(mine: boolean): PhoneShelf {
  const rows = offers.map((o) => ({ id: o.id, name: o.name, unit: /^\d/.test(o.unit) ? o.unit : `1 ${o.unit}`, kind: o.kind, icon: o.icon, points: o.points, left: o.stock < 0 ? -1 : o.stock - o.reserved, photo: o.photo }))
  const at = NOW - 80 * 60_000
  const order = (n: number, pick: string, state: PhoneShelf['orders'][number]['state']): PhoneShelf['orders'][number] => ({ id: `m${n}`, pick, svg: state === 'open' ? fakeQr(n) : '', at: at - n * 86_400_000, until: at + 7 * 86_400_000, points: rows[n].points * 2, state, lines: [{ offer: rows[n].id, name: rows[n].name, n: 2 }] })
  return { place: '滨河实践站', days: 7, rules: RULES, free: mine ? 62 : 0, offers: rows, orders: mine ? [order(0, '318204', 'open'), order(3, '550917', 'done'), order(5, '004182', 'lapsed')] : [] }
}
function slips(): PhoneVouchers {
  const day = 86_400_000
  const row = (n: number, points: number, state: PhoneVouchers['rows'][number]['state']) => ({ hash: `v${n}`, till: '惠民超市', points, at: NOW - n * day, until: NOW + (7 - n) * day, state })
  return { vouchers: [{ ...row(1, 20, 'open'), text: '', svg: fakeQr(21), person: '', masked: '', community: '滨河社区' }], sent: [], rows: [row(1, 20, 'open'), row(9, 15, 'used'), row(20, 30, 'returned')] }
}
function shops(): PhoneShop[] {
  const good = (n: number, points = offers[n].points) => ({ id: `s${n}`, name: offers[n].name, unit: `1 ${offers[n].unit}`, kind: offers[n].kind, icon: offers[n].icon, points, photo: offers[n].photo })
  return [
    { place: 'p3', name: '惠民超市', home: '', where: '河堤路 3 号，菜场东门', hours: '每天 8:00—20:00', at: NOW - 3 * 60_000, offers: [1, 3, 4, 7, 0, 2].map((n) => good(n)) },
    { place: 'p4', name: '老街理发店', home: '', where: '老街 17 号', hours: '', at: NOW - 2 * 86_400_000, offers: [{ ...good(10), name: '理发', unit: '1 次', photo: '' }] },
    { place: 'p5', name: '永顺粮油', home: '桥东社区', where: '', hours: '', at: NOW - 40 * 60_000, offers: [good(7)] },
  ]
}
const residents = people(40)
function wish(n: number, mine: boolean): PhoneWish {
  const o = made(residents, n)
  return { id: o.id, offer: o.offer, mine, state: o.state, type: o.type, text: o.text, masked: o.masked, party: o.party.kind === 'person' ? mask(o.party.name) : o.party.name, kind: o.party.kind, address: mine || o.state === 'serving' ? o.address : '', phone: mine || o.state === 'serving' ? o.phone : '',
    made: o.made, contactAt: o.contactAt, doneAt: o.doneAt, stars: o.stars, reviewVia: o.reviewVia, praise: o.praise, minutes: o.minutes, points: mine ? 0 : 3, awarded: 'no', steps: o.history.map((s) => ({ ...s, device: '', operator: '', name: s.name && o.party.kind === 'person' ? mask(s.name) : s.name })), colleagues: [] }
}
function refuse(code: string): never { throw new Refused({ code }) }
