import { CONSENT_PURPOSES, type Consent, type ConsentPurpose } from '../api'
import type { Activity, ActivityRow, Alarm, Calls, Devices, Home, Item, Line, Month, Offer, Person, Receipt, Reservation, Settings, StockMove, Tier } from '../api'
import { aboveCalls } from './above'
import { CallFault } from '../fault'
import * as w from './world'
import { assessCalls } from './assess'
import { selectionCalls } from './selection'
import { awardCalls } from './award'
import { creditCalls } from './credit'
import * as honour from './honour'
import { passMock } from './passes'
import { bestOff } from '../../words/terms'
import { merchantCalls, visitCalls } from './merchants'
import { orderCalls } from './orders'
import { meetCalls } from './meet'
import { auditCalls } from './audit'
import { movingCalls } from './moving'
import { hoursCalls } from './hours'
import { bylawCalls, RULES } from './bylaw'
import { fundCalls } from './fund'
import { dutyCalls } from './duty'
import { publicityCalls } from './publicity'
import { partnerCalls } from './partners'
import { claimCalls } from './claims'
import { readyBooks, schemeDraft } from './scheme'
import { goodOf } from './picture'
import { householdCalls } from './household'
import { newcomerCalls } from './newcomer'
import { rankingCalls } from './ranking'
import { reportCalls } from './reports'
import { pretendStaff } from './staff'
import { closed, budget as someBudget, years } from './years'

export type Handlers = { [K in keyof Calls]: (body: Calls[K][0]) => Calls[K][1] }
export interface Wish { phase?: string; role?: string; offline?: boolean; doubt?: boolean; copied?: boolean; refused?: string; revoked?: boolean; aside?: boolean; missing?: boolean; alarms?: boolean; empty?: boolean; lang?: string; theme?: string; size?: number; senior?: boolean; sample?: boolean; guarded?: boolean; locked?: boolean; several?: boolean; level?: Tier }

const KEPT = 7 * 86_400_000 // reserved goods

// pretend answers every call from memory, by rules simple enough to see.
export function pretend(wish: Wish): Handlers {
  let phase = (wish.phase ?? 'ready') as 'new' | 'joining' | 'ready'
  const role = (wish.role ?? 'office') as 'office' | 'station' | 'merchant'
  const places = { office: ['社区办公室', '1 号电脑', '陈样'], station: ['滨河实践站', '滨河实践站电脑', '刘样'], merchant: ['惠民超市', '惠民超市收银机', '孙样'] }[role]
  let settings: Settings = { lang: (wish.lang ?? 'zh') as 'zh', theme: (wish.theme ?? 'light') as 'light', size: (wish.size ?? 14) as 14, senior: !!wish.senior, lan: true, phone: '0.0.0.0:8422', stationWord: '实践站', unitFen: 100, sound: true, idle: 10 }
  let operator = places[2]
  const staff = pretendStaff(operator, !!wish.guarded, wish.locked === true, (name) => { operator = name })
  let alarms: Alarm[] = wish.refused || wish.aside ? w.refusals : w.alarms
  const people: Person[] = wish.empty ? [] : w.people(312)
  const books = new Map<string, Line[]>()
  const rows: ActivityRow[] = wish.empty ? [] : w.activities.map((a) => ({ ...a }))
  const attendance = new Map(rows.map((a) => [a.id, w.attendees(people, a)]))
  const offers: Offer[] = wish.empty ? [] : w.offers.map((o) => ({ ...o }))
  const receipts: Receipt[] = wish.empty ? [] : w.receipts(people).map((r) => (wish.role === 'merchant' ? { ...r, name: '' } : r))
  const reservations: Reservation[] = wish.empty ? [] : [{ id: 'r1', person: 'p4', masked: people[4].masked, code: people[4].code, at: w.at(26, 9, 58), until: w.at(26, 9, 58) + KEPT, lines: [{ offer: 'o7', name: '电热水壶', n: 1 }], state: 'open', pick: '', points: 0, device: '' }, { id: 'r2', person: 'p9', masked: people[9].masked, code: people[9].code, at: w.at(25, 16, 20), until: w.at(25, 16, 20) + KEPT, lines: [{ offer: 'o8', name: '大米', n: 1 }], state: 'open', pick: '', points: 0, device: '' }, { id: 'r0', person: 'p7', masked: people[7].masked, code: people[7].code, at: w.at(16, 10, 5), until: w.at(16, 10, 5) + KEPT, lines: [{ offer: 'o8', name: '大米', n: 2 }], state: 'lapsed', pick: '', points: 0, device: '' }, { id: 'r5', person: 'p2', masked: people[2].masked, code: people[2].code, at: w.at(26, 9, 12), until: w.at(26, 9, 12) + KEPT, lines: [{ offer: 'o4', name: '洗衣液', n: 2 }], state: 'open', pick: '318204', points: 16, device: 'd' }]
  const moves: StockMove[] = wish.empty ? [] : [{ at: w.at(26, 9, 40), offer: 'o4', name: '卫生纸', n: 24, why: '收货', operator: '刘样', kind: '' }, { at: w.at(25, 17, 35), offer: 'o0', name: '牙膏', n: -2, why: '盘点少 2 支，包装破损', operator: '刘样', kind: '' }, { at: w.at(25, 16, 40), offer: 'o0', name: '牙膏', n: 1, why: '', operator: '刘样', kind: 'undo' }, { at: w.at(25, 16, 20), offer: 'o0', name: '牙膏', n: -1, why: '', operator: '刘样', kind: 'redeem' }]
  let items: Item[] = w.ITEMS
  let version = 3
  let head = { title: '', levels: '', why: '', source: '', upper: '', upperKey: '', upperVersion: 0 }
  let grace = 31
  const said: Consent[] = [{ purpose: 'care', given: false, how: 'phone', on: w.NOW - 3 * 24 * 60 * w.MIN, at: w.NOW - 3 * 24 * 60 * w.MIN, by: operator, device: places[1] ?? '' }, { purpose: 'identity', given: true, how: 'paper', on: w.NOW - 90 * 24 * 60 * w.MIN, at: w.NOW - 90 * 24 * 60 * w.MIN, by: operator, device: places[1] ?? '' }, { purpose: 'care', given: true, how: 'paper', on: w.NOW - 90 * 24 * 60 * w.MIN, at: w.NOW - 90 * 24 * 60 * w.MIN, by: operator, device: places[1] ?? '' }]
  const consents = () => ({ rows: [...said], withdrawn: CONSENT_PURPOSES.filter((p) => said.find((x) => x.purpose === p)?.given === false), keeps: ['identity', 'contact', 'care'] as ConsentPurpose[] })
  let budget = someBudget()
  let allYears = years()
  let quarterly = false
  let levels = wish.empty ? { levels: [] } : honour.table()
  const meals = new Map<string, number>()
  const standing = (id: string) => { const p = find(id); return honour.standing(levels, p.year, w.at(12, 9, 30), role !== 'merchant', meals.get(id) ?? 3) }
  const doubles: { a: string; b: string; reasons: ('phone' | 'birthday' | 'address')[]; asked?: boolean; gone?: boolean }[] = people.length ? [{ a: 'p5', b: 'p9', reasons: ['phone', 'birthday'], asked: true }, { a: 'p11', b: 'p30', reasons: ['address'] }] : []
  let backupTo = ''
  const backups = (to = backupTo) => ({ folder: (backupTo = to) || '/home/jishan/.local/share/jishan/backup', own: !to, same: !to, backups: wish.empty ? [] : [{ name: 'jishan-1a2b3c4d-20240526-013000.backup', made: w.at(26, 1, 30), bytes: 18_400_000 }, { name: 'jishan-1a2b3c4d-20240525-012000.backup', made: w.at(25, 1, 20), bytes: 18_100_000 }] })
  let paused = false
  let proofAbove = 50
  let limits = { till: 1000, start: 1000, keep: 7, appeal: 7, ask: 14 }
  const recalled = new Set<string>(['v2'])
  const paper = { till: '惠民超市', operator: '陈样', own: true, takenAt: 0 }
  const vouchers = [{ ...paper, hash: 'v1', points: 30, at: w.at(26, 9, 0), until: w.at(31, 23, 59), state: 'open' as const }, { ...paper, hash: 'v2', points: 10, at: w.at(25, 9, 0), until: w.at(30, 23, 59), state: 'open' as const }, { ...paper, hash: 'v3', points: 20, at: w.at(12, 9, 0), until: w.at(20, 23, 59), state: 'used' as const }, { ...paper, hash: 'v4', points: 15, at: w.at(2, 9, 0), until: w.at(10, 23, 59), state: 'returned' as const }]
  const find = (id: string): Person => people.find((p) => p.id === id) ?? no('people.unknown')
  const book = (id: string) => { const p = find(id); if (!books.has(id)) books.set(id, w.passbook(p)); return books.get(id)! }
  const lineBy = (hash: string): [string, Line] => { for (const [id, lines] of books) { const l = lines.find((x) => x.ref.hash === hash); if (l) return [id, l] } return no('correction.unknown') as never }
  const corrections = w.corrections(people)
  const activity = (id: string): Activity => {
    const row = rows.find((a) => a.id === id) ?? (no('activity.unknown') as never)
    const all = attendance.get(id) ?? []
    const item = items.find((i) => i.code === row.item) ?? items[0]
    row.present = all.filter((a) => a.inAt).length
    row.confirmed = all.filter((a) => a.status === 'confirmed' || a.status === 'walkIn').length
    row.waiting = all.filter((a) => a.status === 'waiting').length
    const by = (how: string) => all.filter((a) => a.how === how).length
    return { ...row, organiser: people[1]?.masked ?? '办公室', note: '自带手套，扫帚由社区准备。下雨改到周六。', itemName: item.name, points: item.points, minutes: item.minutes, attendees: all.map((a) => ({ ...a })), counts: { roll: by('roll'), card: by('card'), qr: by('qr'), after: by('after') }, iHoldTurn: true, homeDevice: '滨河实践站电脑' }
  }
  const settled = { id: 'ab12', place: 'p3', name: '惠民超市', number: 12, day: '2026-03-25', redemptions: 1, reversals: 0, points: 40, back: 0, peg: 100, fen: 4000, brought: 0, pay: 4000, at: w.at(26, 8, 0), operator: '', sumFen: 3249850, paidAt: 0, paidBy: '', reference: '', payee: '惠民超市', account: '6228480000000000001', bank: '农业银行' }
  const owed = { place: 'p3', name: '惠民超市', payee: '惠民超市', account: '6228480000000000001', bank: '农业银行', agreed: 0, settled: 12, fen: 3249850, paidFen: 3245850, unpaidFen: 4000, last: settled, stops: [], due: { number: 13, day: '2026-03-25', redemptions: 3, reversals: 1, points: 86, back: 8, peg: 100, fen: 7800, brought: 0, pay: 7800, first: w.at(25, 17, 0), later: 26, laterDeals: 2 } }
  const months: Month = month(people.length)
  const passes = passMock(!!wish.empty, role === 'merchant')
  const slip = (id: string, points: number, until: number) => ({ hash: '3f21ab9c', text: 'JSV1:', svg: w.fakeQr(11), person: id, masked: find(id).masked, community: '滨河社区', till: '惠民超市', points, until, at: w.NOW })
  const account = (p: Person) => ({ person: p.id, masked: p.masked, code: p.code, here: p.here, spendable: p.spendable, vouchers: p.vouchers, onTheWay: p.onTheWay, debt: p.debt, kept: 0, least: wish.empty ? 0 : RULES.least, lacks: wish.empty ? 0 : Math.max(0, RULES.least - p.spendable - p.vouchers), valid: 'ok' as const, ownCommunity: true, off: passes.off(p), offUntil: passes.until(p) })
  const matching = (q: string) => people.filter((p) => !q || p.name.includes(q) || p.masked.includes(q) || p.phoneTail.endsWith(q) || p.code.includes(q))

  return {
    'app.state': () => ({
      phase, version: '0.1.0', window: false, sample: !!wish.sample, community: phase === 'ready' ? { id: 'c1', name: wish.level ? (wish.level === 'street' ? '河东街道' : '滨城县') : '滨河社区', parent: wish.level ? '' : '河东街道', level: wish.level ?? '', appealDays: limits.appeal } : undefined,
      device: phase === 'ready' ? { id: 'd1', name: places[1], role, place: 'pl1', placeName: places[0], registrar: role === 'office' } : undefined, operator,
      sync: wish.offline ? { online: 0, total: 5, keepers: 3, last: w.at(26, 8, 31), onlyHere: 12, offlineSince: w.at(26, 8, 31), cut: true, attention: 0 } : { online: wish.empty ? 0 : 3, total: wish.empty ? 0 : 5, keepers: wish.empty ? 0 : 3, last: wish.empty ? 0 : w.at(26, 10, 32), onlyHere: 0, offlineSince: 0, cut: false, attention: wish.alarms ? alarms.filter((a) => !a.params.settled).length : 0 },
      phoneUrl: wish.empty ? '' : 'http://192.168.1.20:8422/p/', clock: w.NOW, clockLast: wish.doubt ? w.NOW - 200 * 86_400_000 : 0, paused, netError: '', lanOff: false, settings, session: staff.session(),
      ...(wish.refused && wish.refused !== 'other' ? { refused: { number: 1284, reason: 'subject', entries: 37, self: wish.refused === 'self' } } : {}),
      ...(wish.revoked ? { revoked: true, handover: { left: wish.offline ? 2 : 0, to: ['社区办公室 1 号电脑', '滨河实践站电脑'] } } : {}),
      ...(wish.aside ? { aside: { again: 3, left: 2 } } : {}),
      ...(wish.missing ? { missing: { entries: 42, back: 17, at: w.at(26, 8, 0), others: !wish.empty } } : {}),
      ...(wish.copied ? { copied: { since: w.NOW - 3_600_000, decided: !!wish.alarms } } : {}),
    }),
    'app.operator': ({ name }) => { operator = name; return {} },
    ...staff.calls,
    'app.confirmClock': () => { wish.doubt = false; return {} },
    'app.search': ({ q }) => ({ people: matching(q).slice(0, 8), activities: rows.filter((a) => a.title.includes(q)), offers: offers.filter((o) => o.name.includes(q)) }),
    'settings.save': (change) => (settings = { ...settings, ...change }),
    'setup.create': ({ community }) => { if (!community) no('setup.community.empty'); return { recoveryKey: 'JSRK 7K4Q 2M9T XW3H 8PDN 5RVC LB6Y' } },
    'setup.checkRecovery': ({ text }) => { const ok = text.replace(/[\s-]/g, '').toUpperCase() === 'JSRK7K4Q2M9TXW3H8PDN5RVCLB6Y'; if (ok) phase = 'ready'; return { ok } },
    'recovery.look': () => ({ registrar: role === 'office', checked: false, main: '社区办公室 1 号电脑', online: false, last: w.NOW - 26 * 60 * w.MIN, standby: '2 号电脑', from: role === 'office' ? 0 : w.NOW - 2 * 60 * w.MIN, unheard: ['和平里兑换点笔记本'] }),
    'recovery.renew': () => ({ recoveryKey: 'JSRK 7K4Q 2M9T XW3H 8PDN 5RVC LB6Y' }),
    'recovery.takeOver': () => ({}), 'recovery.standIn': () => ({}), 'devices.standby': () => ({}), 'devices.certify': () => { alarms = alarms.filter((a) => a.code !== 'late'); return {} },
    ...aboveCalls(role === 'office', no),
    'setup.restore': ({ key }) => { if (key.length < 8) no('backup.key'); phase = 'ready'; return { community: 'c', made: w.NOW } },
    'backup.state': () => backups(), 'backup.now': () => backups(), 'backup.folder': ({ path }) => backups(path),
    'setup.readTicket': ({ text }) => { if (text.length < 8) no('ticket.bad'); return { community: '滨河社区', office: '社区办公室 1 号电脑', role: 'station', name: '滨河实践站', expires: w.NOW + 25 * w.MIN } },
    'setup.join': () => { phase = 'ready'; return {} },
    ...meetCalls(() => { phase = 'ready' }),
    'setup.anew': () => { phase = 'new'; wish.copied = false; return {} },
    'setup.sample': () => { phase = 'ready'; return {} },
    'home.get': () => { const page = homePage(wish, rows, months, people); return wish.alarms ? { ...page, todo: [...alarms.map((a) => ({ kind: 'alarm' as const, title: a.name, detail: a.code, at: a.since, link: a.link, params: a.params })), ...page.todo] } : page },
    'year.list': () => ({ years: wish.empty ? [] : allYears, grace, quarterly, registrar: role === 'office' }),
    'year.grace': ({ days }) => { if (days < 0 || days > 366) no('year.grace.bad', { max: 366 }); grace = days; return {} },
    'year.cohorts': (r) => { quarterly = r.quarterly; return {} },
    'year.close': ({ period }) => { if (period !== '2025') no('year.early', { period, from: '2027-02-01' }); allYears = allYears.map((y) => (y.period === period ? closed(y, operator) : y)); return {} },
    'year.final': ({ period }) => no('year.running', { period }),
    'budget.get': () => ({ ...budget, registrar: role === 'office', base: { ...budget.base, people: people.length } }),
    'budget.set': ({ points, incomeFen, second }) => { if (points > budget.budget && !second) no('budget.second', { budget: budget.budget }); budget = { ...budget, set: true, budget: points, incomeFen, left: points - budget.issued, share: incomeFen ? Math.round((points * 100 * 1000) / incomeFen) : -1 }; return {} },
    'base.start': ({ points }) => { budget = { ...budget, base: { ...budget.base, points, at: w.NOW, by: operator, stopped: false, paid: people.length } }; return {} },
    'honour.table': () => levels,
    'honour.save': (t) => { let n = 10; levels = { levels: t.levels.map((l) => ({ ...l, id: l.id || `l${n++}`, benefits: l.benefits.map((b) => ({ ...b, id: b.id || `b${n++}` })) })).sort((a, b) => a.points - b.points) }; return levels },
    'honour.stats': () => honour.stats(levels, role === 'office'),
    'honour.person': ({ person }) => standing(person),
    'honour.pull': ({ person }) => standing(person),
    'honour.use': ({ person, n }) => { meals.set(person, (meals.get(person) ?? 3) + n); return { ref: { doc: 'd', seq: 1, hash: 'h' }, standing: standing(person) } },
    'honour.today': () => ({ rows: [] }),
    ...awardCalls(people, offers, wish, no),
    ...creditCalls(people, wish, role === 'office', no),
    'base.stop': () => { budget.base.stopped = true; return {} },
    ...reportCalls(wish, role === 'office'), ...hoursCalls(wish, role === 'office', people), ...publicityCalls(wish, people), ...dutyCalls(wish, people, () => items), ...bylawCalls(wish), ...fundCalls(wish), ...rankingCalls(wish, role === 'office', people), ...assessCalls(wish, role === 'office', people, () => items), ...selectionCalls(wish, role === 'office', people),
    'stats.month': ({ month: m }) => ({ ...months, month: m }),
    'people.list': ({ q, grid, sort, desc, offset, limit }) => {
      const hit = matching(q).filter((p) => !grid || p.grid === grid)
      const key = (p: Person) => (sort === 'name' ? p.name : p[sort])
      hit.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0) * (desc ? -1 : 1))
      return { total: hit.length, rows: hit.slice(offset, offset + limit) }
    },
    'people.saveGrids': ({ grids }) => ({ grids: grids.map((g, n) => ({ id: g.id || `n${n}`, name: g.name, n: people.filter((p) => p.grid === g.id).length })), places: [] }),
    'people.grids': () => ({ grids: [...new Set(people.map((p) => p.grid))].sort().map((g) => ({ id: g, name: people.find((p) => p.grid === g)!.gridName, n: people.filter((p) => p.grid === g).length })), places: [{ id: 'pl1', name: '滨河实践站' }, { id: 'pl2', name: '惠民超市' }, { id: 'pl3', name: '和平里兑换点' }] }),
    'people.get': ({ id }) => ({ ...find(id), cards: find(id).ids.slice(1).map(() => ({ code: '02190031', blocked: true })) }),
    'people.register': (who) => {
      if (who.phone && !/^1\d{10}$/.test(who.phone)) no('people.phone.bad', { n: who.phone.length })
      const p: Person = { ...w.people(1)[0], ...who, id: `p${people.length}`, masked: w.mask(who.name), code: String(90000000 + people.length), gridName: who.grid, phoneTail: who.phone.slice(-4), lifetime: 10, year: 10, spendable: 10, here: 10, vouchers: 0, onTheWay: 0, debt: 0, created: w.NOW, conflicts: [], members: [], householdName: '', ids: [`p${people.length}`] }
      people.unshift(p)
      return { id: p.id, existing: false, code: p.code, onTheWay: 0 }
    },
    'people.update': ({ id, fields }) => Object.assign(find(id), fields),
    'people.settle': ({ id, field, value }) => { const p = find(id); p.conflicts = p.conflicts.filter((c) => c.field !== field); return Object.assign(p, { [field]: value }) },
    'people.passbook': ({ id, offset, limit }) => ({ total: book(id).length, lines: book(id).slice(offset, offset + limit) }),
    'people.card': ({ ids }) => ({ cards: ids.map((id, n) => ({ id, code: find(id).code, qr: `JS1 ${find(id).code}`, svg: w.fakeQr(n + 7), masked: find(id).masked, name: find(id).name, community: '滨河社区' })) }),
    'people.blockCard': ({ id }) => Object.assign(find(id), { cardBlocked: true }),
    'people.replaceCard': ({ id, pin }) => { const p = find(id); p.cardPin = !!pin; p.cardGeneration++; p.cardBlocked = false; p.code = String(Number(p.code) + 500000); return { id, code: p.code, qr: `JS1 ${p.code}`, svg: w.fakeQr(9), masked: p.masked, name: p.name, community: '滨河社区' } },
    'people.doubles': () => ({ rows: doubles.filter((d) => !d.gone).map((d) => ({ a: find(d.a), b: find(d.b), reasons: d.reasons, ask: d.asked ? { word: 'join', by: places[1], at: w.NOW - 40 * w.MIN } : null, answer: null })), joined: people.filter((p) => p.ids.length > 1).map((p) => ({ person: p, records: p.ids.length, many: p.ids.length > 8 })), office: role === 'office' }),
    'people.similar': ({ name }) => ({ rows: people.filter((p) => p.name === name.trim()).map((p) => ({ person: p, reasons: ['birthday'] })) }),
    'people.records': ({ ids, full }) => {
      const list = ids.length > 1 ? ids.map(find) : find(ids[0]).ids.map((id, n) => ({ ...find(ids[0]), id, ...(n && { idNumber: '', phone: '13900002222', cardBlocked: true }) }))
      const twice = book(list[0].id).filter((l) => l.kind === 'award').slice(0, 1).map((l) => ({ lines: list.map((p, n) => ({ ...l, record: p.id, canUndo: n > 0, place: places[n] })) }))
      const hide = (s: string, head: number, tail: number) => (full || s.length <= head + tail ? s : s.slice(0, head) + '*'.repeat(s.length - head - tail) + s.slice(-tail))
      return { differs: (['phone', 'idNumber'] as const).filter((f) => new Set(list.map((p) => p[f]).filter(Boolean)).size > 1), records: list.map((p) => ({ ...p, phone: hide(p.phone, 3, 4), idNumber: hide(p.idNumber, 0, 4), lines: book(list[0].id).length })), joined: ids.length === 1, waiting: false, office: role === 'office', twice }
    },
    'people.join': ({ a, b }) => { const d = doubles.find((x) => x.a === a && x.b === b); if (role !== 'office') { if (d) d.asked = true; return { state: 'asked' } } if (d) d.gone = true; find(a).ids = [a, b]; return { state: 'joined' } },
    'people.apart': ({ id }) => { for (const p of people) if (p.ids.includes(id)) p.ids = [p.id]; return { state: role === 'office' ? 'apart' : 'asked' } },
    'people.different': ({ a, b }) => { const d = doubles.find((x) => x.a === a && x.b === b); if (d) d.gone = true; return { state: 'different' } },
    'people.consents': () => consents(),
    'people.consent': ({ purpose, given, how, on }) => { said.unshift({ purpose, given, how, on, at: w.NOW, by: operator, device: places[1] ?? '' }); return consents() },
    'people.views': ({ offset, limit }) => ({ device: places[1], total: 14, rows: Array.from({ length: 14 }, (_, n) => ({ at: w.NOW - n * 47 * 60 * w.MIN, operator: n % 4 === 3 ? '' : operator, what: n === 1 ? ('export' as const) : ('' as const) })).slice(offset, offset + limit) }),
    'people.eraseLook': ({ id }) => { const p = find(id); return { spendable: p.spendable, onTheWay: p.onTheWay, debt: p.debt, reservations: 1, vouchers: 2, devices: 3 } },
    'people.erase': ({ id, name }) => { if (find(id).name !== name.trim()) no('people.erase.name'); people.splice(people.indexOf(find(id)), 1); return { devices: 3 } },
    ...householdCalls(role === 'office', find, book),
    ...newcomerCalls(!!wish.empty, role === 'office', people),
    'people.rosterPreview': ({ text }) => roster(text),
    'people.rosterImport': () => ({ count: 18, undo: 'u1', points: { each: 10, people: 14, opened: 4, opening: 190 } }),
    'people.rosterUndo': () => ({ count: 18 }),
    'deed.record': ({ person, item, minutes, witness, note }) => {
      const p = find(person)
      const i = items.find((x) => x.code === item) ?? (no('scheme.item.unknown') as never)
      const points = i.kind === 'time' ? Math.floor(minutes / i.minutes) * i.points : i.points
      if (i.witness && !witness) no('deed.witness.missing')
      p.lifetime += points; p.year += points; p.spendable += points; p.here += points
      const lines = book(person)
      const line: Line = { ref: { doc: 'feed/x', seq: 200 + lines.length, hash: `n${lines.length}` }, index: 0, at: w.NOW, kind: 'award', text: note || i.name, item, version, amount: points, balance: p.spendable, before: p.spendable - points, owed: 0, debt: p.debt, place: places[0], device: places[1], operator, witness, proof: '', state: 'booked', undone: false, correct: true, asked: '', code: '', reason: '', branch: false, photos: 0 }
      lines.unshift(line)
      return { points, capped: false, onTheWay: false, lifetime: p.lifetime, here: p.here, spendable: p.spendable, settled: 0, debt: p.debt, ref: line.ref, again: false }
    },
    'deed.takeBack': () => ({}),
    'deed.today': () => ({ rows: wish.empty ? [] : [{ made: w.at(26, 10, 12), at: w.at(26, 9, 0), person: 'p1', masked: people[1].masked, text: '家电维修', minutes: 0, points: 3, witness: '刘样甲', operator, takeBack: '' }, { made: w.at(26, 9, 40), at: w.at(25, 15, 0), person: 'p2', masked: people[2].masked, text: '陪独居老人就医', minutes: 120, points: 6, witness: '王样甲', operator, takeBack: 'd1' }] }),
    'deed.deduct': ({ person, points: typed, reason, item }) => {
      const p = find(person)
      const points = items.find((i) => i.code === item)?.points ?? typed
      if (!item && !reason) no('deduct.reason', { max: 40 })
      const taken = Math.min(points, p.spendable)
      p.spendable -= taken; p.here = Math.min(p.here, p.spendable); p.year -= points; p.debt += points - taken
      return { taken, debt: points - taken, onTheWay: 0, ref: { doc: 'feed/x', seq: 1, hash: 'd' } }
    },
    'ledger.undo': ({ ref }) => {
      for (const [id, lines] of books) {
        const line = lines.find((l) => l.ref.doc === ref.doc && l.ref.seq === ref.seq)
        if (!line) continue
        const p = find(id)
        line.undone = true; line.correct = false; p.spendable -= line.amount
        lines.unshift({ ...line, ref: { ...ref, seq: ref.seq + 1000 }, kind: 'undo', at: w.NOW, amount: -line.amount, balance: p.spendable, undone: false, correct: false })
        return {}
      }
      const receipt = receipts.find((r) => r.ref.seq === ref.seq)
      if (!receipt) no('ledger.unknown')
      receipt!.undone = true
      return {}
    },
    'correction.look': ({ hash }) => {
      const [id, l] = lineBy(hash)
      const n = Math.abs(l.amount)
      const here = l.place === places[0]
      const base = { points: n, back: 0, take: 0, debt: 0, cancel: 0, here, device: l.device, place: l.place, state: l.asked }
      if (l.kind === 'redeem' || l.kind === 'deduct') return { ...base, kind: l.kind, back: n }
      const take = Math.min(n, find(id).spendable)
      return { ...base, kind: 'award' as const, take, debt: n - take }
    },
    'correction.make': ({ hash, reason }) => {
      const [id, l] = lineBy(hash)
      const done = l.place === places[0]
      if (!done) { l.asked = 'open'; corrections.unshift({ ...corrections[0], hash, person: id, kind: 'redeem', points: Math.abs(l.amount), at: w.NOW, by: operator, reason, state: 'open', code: '', here: false, place: l.place, device: l.device }) }
      else { l.undone = true; l.correct = false; find(id).spendable -= l.amount; book(id).unshift({ ...l, ref: { ...l.ref, hash: `u${hash}` }, kind: 'undo', at: w.NOW, amount: -l.amount, balance: find(id).spendable, undone: false, correct: false, reason }) }
      return { state: done ? 'done' as const : 'open' as const, back: Math.max(0, -l.amount), taken: Math.max(0, l.amount), debt: 0, ref: l.ref }
    },
    'correction.withdraw': ({ hash }) => { const r = corrections.find((x) => x.hash === hash); if (r) r.state = 'withdrawn'; return {} },
    'correction.list': () => ({ open: wish.empty ? 0 : corrections.filter((r) => r.state === 'open').length, rows: wish.empty ? [] : corrections }),
    'scheme.get': () => ({ ...head, version, from: w.at(1, 0), by: '陈样', items }),
    ...claimCalls(people, () => items),
    'scheme.at': ({ version: n }) => ({ ...head, version: n, from: w.at(1, 0), by: '陈样', items: n === version ? items : items.slice(2).map((i) => ({ ...i, points: i.points + 1 })) }),
    'scheme.save': (s) => { items = s.items; head = s.head ?? head; version++; return { ...head, version, from: w.NOW, by: operator, items } },
    'scheme.versions': () => ({ versions: Array.from({ length: version }, (_, n) => ({ ...head, why: n ? ['按居民意见加了银龄互助', '文明楼道改成一年四次', '试行半年后调整分值'][n % 3] : '', version: n + 1, from: w.at(1, 0) - (version - n - 1) * 40 * 24 * 60 * w.MIN, by: n % 2 ? '陈样' : '刘样', items: items.length - (version - n - 1), rival: false })).reverse() }),
    'scheme.restore': () => { version++; return { ...head, version, from: w.NOW, by: operator, items } },
    'scheme.above': () => { const list = [...items.slice(0, 3).map((i, n) => ({ ...i, points: i.points + n, locked: true })), { ...items[0], code: 'JD05', name: '河道巡护', locked: true }, ...items.slice(3)]; return { by: '河东街道', version: 4, made: w.at(1, 0), head: { ...head, upper: '河东街道', upperKey: '00', upperVersion: 4 }, items: list, locked: 4 } },
    'scheme.adopt': () => { version++; return { ...head, version, from: w.NOW, by: operator, items } },
    'scheme.read': ({ text, file }) => schemeDraft(text, file),
    'scheme.ready': () => ({ books: readyBooks }),
    'activity.list': ({ from, to, q, offset, limit }) => { const hit = rows.filter((a) => (!from || a.end >= from) && (!to || a.start < to) && a.title.includes(q)).sort((a, b) => a.start - b.start); return { total: hit.length, rows: hit.slice(offset, offset + limit) } },
    'activity.get': ({ id }) => activity(id),
    'activity.publish': (a) => { const id = `a${rows.length + 1}`; rows.push({ ...a, id, confirmed: 0, waiting: 0, pending: 0, present: 0, state: 'open' }); attendance.set(id, []); return { id } },
    'activity.update': ({ id, fields }) => { Object.assign(rows.find((a) => a.id === id)!, fields); return activity(id) },
    'activity.cancel': ({ id }) => { rows.find((a) => a.id === id)!.state = 'cancelled'; return {} },
    'activity.signUp': ({ id, people: ids }) => { for (const pid of ids) add(id, pid); return activity(id) },
    'activity.signOff': ({ id, person }) => { attendance.set(id, attendance.get(id)!.filter((a) => a.person !== person)); return activity(id) },
    'activity.promote': ({ id, person }) => { attendance.get(id)!.find((a) => a.person === person)!.status = 'confirmed'; return activity(id) },
    'activity.paste': ({ text }) => {
      const names = text.split('\n').map((l) => l.replace(/^[\s\d.、)）-]+/, '').trim()).filter((l) => l && !/接龙|^#/.test(l))
      const hit = names.map((name) => ({ name, p: people.find((p) => p.name === name) }))
      return { matched: hit.filter((h) => h.p).map((h) => ({ name: h.name, person: h.p!.id })), unmatched: hit.filter((h) => !h.p && h.name.length > 2).map((h) => h.name), ambiguous: hit.filter((h) => !h.p && h.name.length <= 2).map((h) => ({ name: h.name, people: people.slice(0, 2) })) }
    },
    'activity.checkIn': ({ id, person, how, out }) => { const a = add(id, person); if (out) a.outAt = w.NOW; else { a.inAt = w.NOW; a.how = how; a.scans = 1 } return activity(id) },
    'activity.scanCard': ({ id, text }) => { const p = people.find((x) => x.code === text) ?? (no('card.unknown') as never); const a = add(id, p.id); const out = !!a.inAt && !a.outAt; if (out) a.outAt = w.NOW; else { a.inAt = w.NOW; a.how = 'card'; a.scans = 1 } return { activity: activity(id), person: p.id, masked: p.masked, out, again: false } },
    'activity.after': ({ id, rows: all }) => { for (const r of all) { const minutes = Math.round((r.outAt - r.inAt) / w.MIN); const points = Math.floor(minutes / 60) * 3; Object.assign(add(id, r.person), { inAt: r.inAt, outAt: r.outAt, how: 'after', minutes, points, lacks: points ? '' : 'time', awarded: points && rows.find((a) => a.id === id)!.state === 'awarded' ? 'booked' : 'no' }) }; return activity(id) },
    'activity.code': () => ({ text: 'JSC1:7K4Q2M9T', url: 'http://192.168.1.20:8422/c/7K4Q2M9T', svg: w.fakeQr(3), left: 19, short: '704292' }),
    'activity.finish': ({ id }) => { rows.find((a) => a.id === id)!.state = 'awarded'; const all = attendance.get(id)!; all.forEach((a) => { if (a.points) a.awarded = 'booked'; if (!a.inAt && a.status === 'confirmed') a.status = 'noShow' }); return { people: all.filter((a) => a.points > 0).length, points: all.reduce((s, a) => s + a.points, 0), onTheWay: 0, nothing: all.filter((a) => a.lacks).length } },
    ...orderCalls(people, !!wish.empty),
    'shop.offers': ({ all }) => ({ offers: offers.filter((o) => all || o.active).map((o) => ({ ...o })) }),
    'shop.save': (o) => { const old = offers.find((x) => x.id === o.id); if (old) return Object.assign(old, o); const made = { ...o, id: `o${offers.length}`, stock: o.kind === 'goods' ? 0 : -1, reserved: 0, photo: '' }; offers.push(made); return made },
    'shop.photo': ({ offer, file }) => Object.assign(offers.find((x) => x.id === offer)!, { photo: file ? 'good-new' : '' }),
    'shop.picture': ({ hash }) => ({ jpeg: goodOf(hash) }),
    'shop.about': () => ({ where: '河堤路 3 号，菜场东门', hours: '每天 8:00—20:00' }),
    'shop.saveAbout': () => ({}),
    ...passes.calls,
    'pass.issue': ({ person, until }) => passes.slip(find(person), Date.parse(until)),
    'shop.receive': ({ offer, n, why }) => { const o = offers.find((x) => x.id === offer)!; o.stock += n; moves.unshift({ at: w.NOW, offer, name: o.name, n, why, operator, kind: '' }); return o },
    'shop.count': ({ counts, why }) => ({ changed: counts.flatMap(({ offer, n }) => { const o = offers.find((x) => x.id === offer)!; if (o.stock === n) return []; const move = { at: w.NOW, offer, name: o.name, n: n - o.stock, why, operator, kind: '' as const }; o.stock = n; moves.unshift(move); return [move] }) }),
    'shop.stockMoves': ({ offset, limit, sold }) => { const list = moves.filter((m) => sold || !m.kind); return { total: list.length, rows: list.slice(offset, offset + limit) } },
    'voucher.tills': () => ({ tills: [{ id: 'd3', name: '惠民超市', place: 'p3' }] }),
    'voucher.issue': ({ person, points, until }) => slip(person, points, Date.parse(until)),
    'voucher.slip': () => slip(people[0].id, 30, w.NOW + 30 * 86_400_000),
    'voucher.list': ({ person }) => ({ rows: wish.empty ? [] : vouchers.map((v) => ({ ...v, person, masked: '', state: recalled.has(v.hash) ? 'recalled' as const : v.state })) }),
    'voucher.return': () => ({ points: 30, until: w.NOW }),
    'voucher.recall': ({ hash }) => { recalled.add(hash); return {} },
    'till.scan': ({ text, person }) => {
      if (text.startsWith('JSL1:')) return passes.scan(text, person ? account(find(person)) : undefined)
      const p = people.find((x) => x.code === text || x.phoneTail === text)
      if (p) return { kind: 'person', account: account(p) }
      const pick = reservations.find((r) => r.pick === text)
      if (pick) return { kind: 'pick', pick, account: account(find(pick.person)) }
      const o = offers.find((x) => x.code === text || x.id === text)
      return o ? { kind: 'offer', offer: o } : { kind: 'nothing' }
    },
    'till.pull': ({ person }) => { const p = find(person); if (wish.offline) no('till.pull.offline'); p.here = p.spendable; return { ...account(p), missing: [] } },
    'card.rule': () => ({ above: proofAbove, most: 1_000_000, registrar: role === 'office', pin: true }),
    'card.setRule': ({ above }) => { proofAbove = above; return {} },
    'limits.get': () => ({ ...limits, most: 1_000_000, mostKeep: 90, mostAppeal: 90, mostAsk: 90, registrar: role === 'office' }),
    'limits.set': (r) => { limits = r; return {} },
    'till.redeem': ({ person, lines, pin, word }) => {
      const p = find(person)
      const got = lines.map((l) => { const o = offers.find((x) => x.id === l.offer)!; return { name: o.name, unit: o.unit, n: l.n, points: o.points * l.n } })
      const less = bestOff(passes.off(p), got.map((l) => ({ points: l.points / l.n, n: l.n })))
      const total = got.reduce((s, l) => s + l.points, 0) - (less?.n ?? 0)
      if (pin && pin !== '2580') no('till.pin.wrong', { left: 3 })
      if (proofAbove && total > proofAbove && !pin && !word) no('till.proof', { above: proofAbove, pin: p.cardPin, known: true })
      if (total > p.here) no('till.short', { here: p.here, missing: total - p.here })
      p.here -= total; p.spendable -= total
      const made: Receipt = { number: `0326-0${10 + receipts.length}`, ref: { doc: 'feed/till', seq: 60 + receipts.length, hash: 'x' }, at: w.NOW + 2 * w.MIN, community: '滨河社区', place: places[0], masked: p.masked, name: wish.role === 'merchant' ? '' : p.name, code: p.code, lines: got, total, hereAfter: p.here, operator, undone: false, late: false, proof: pin ? 'pin' : word ? 'keeper' : '', less: less?.n ?? 0, lessLevel: less?.term.name ?? '', lessLife: less?.term.life ?? 0 }
      receipts.unshift(made)
      return made
    },
    'till.reserve': ({ person, lines }) => { const p = find(person); const made: Reservation = { id: `r${reservations.length + 1}`, person, masked: p.masked, code: p.code, at: w.NOW, until: w.NOW + KEPT, lines: lines.map((l) => ({ ...l, name: offers.find((o) => o.id === l.offer)!.name })), state: 'open', pick: '', points: 0, device: '' }; reservations.unshift(made); return made },
    'till.reservations': () => ({ rows: reservations.filter((r) => r.state === 'open'), lapsed: reservations.filter((r) => r.state === 'lapsed') }),
    'till.endReservation': ({ id, state }) => { reservations.find((r) => r.id === id)!.state = state; return {} },
    'till.today': () => ({ receipts: receipts.map((r) => ({ ...r })), total: receipts.filter((r) => !r.undone).reduce((s, r) => s + r.total, 0) }),
    ...partnerCalls(!!wish.empty),
    ...merchantCalls(!!wish.empty, role === 'office', people),
    ...visitCalls(!!wish.several),
    ...movingCalls(find, no, people),
    ...auditCalls(!!wish.empty, people, operator),
    'settle.list': () => ({ peg: settings.unitFen, registrar: true, merchants: wish.empty ? [] : [owed], unpaid: wish.empty ? [] : [settled], void: [], dueFen: owed.due.pay, unpaidFen: settled.pay }),
    'settle.history': () => ({ total: 1, rows: [settled] }),
    'settle.make': () => ({ made: [settled] }),
    'settle.paid': () => ({}),
    'settle.terms': () => ({}),
    'settle.sheet': () => ({ settlement: settled, community: '滨河社区', lines: [{ at: w.at(25, 9, 12), check: '3F21AB9C', points: 40, fen: 4000, operator: '孙样' }], complete: true }),
    'devices.list': () => {
      const list = wish.empty ? w.devices(false).slice(0, 1) : w.devices(!!wish.offline)
      const meet = (a: string, b: string, when: number) => ({ a, b, at: when })
      const stopped: Devices['quarantine'] = wish.empty ? [] : [{ at: w.at(26, 8, 40), from: '惠民超市收银机', code: 'broke', params: { reason: 'much', times: '3' }, doc: '' }, { at: w.at(24, 8, 12), from: '长者食堂收银机', code: 'authority', params: { kind: 'people' }, doc: 'people/3' }]
      return {
        devices: list, unknown: list.filter((d) => d.lacks < 0).length, onlyHere: wish.offline ? 12 : 0, synced: 12, photos: { here: 128, bytes: 19_400_000, away: 3 }, folder: 'D:\\积善数据',
        meetings: wish.empty ? [] : [meet('d1', 'd2', w.at(26, 10, 32)), meet('d1', 'd3', w.at(26, 10, 32)), meet('d1', 'd4', w.at(26, 10, 31)), meet('d1', 'd5', w.at(25, 18, 2)), meet('d1', 'd6', w.at(23, 17, 40))],
        log: wish.empty ? [] : [{ at: w.at(26, 10, 32), device: '滨河实践站电脑', sent: 0, received: 12, via: 'lan' }, { at: w.at(26, 10, 31), device: '惠民超市收银机', sent: 4, received: 3, via: 'lan' }, { at: w.at(26, 9, 5), device: '2 号电脑', sent: 31, received: 2, via: 'lan' }, { at: w.at(23, 17, 40), device: '和平里兑换点笔记本', sent: 112, received: 38, via: 'usb' }],
        quarantine: stopped, unseen: wish.empty ? [] : [{ at: w.at(25, 17, 20), id: 'd9', from: '滨河实践站旧电脑', n: 3, kind: 'people', doc: 'people/07' }, { at: w.at(25, 16, 5), id: 'd9', from: '滨河实践站旧电脑', n: 1, kind: 'activity', doc: 'activity/2026-03' }],
      }
    },
    'devices.ticket': ({ role: r, name }) => ({ text: 'JS1-7K4Q2M9TXW3H8PDN5RVCLB6Y-192.168.1.20:4001-QmSampleOffice', svg: w.fakeQr(5), expires: w.NOW + 30 * w.MIN, role: r, name }),
    'alarms.list': () => ({ alarms: wish.alarms ? alarms : [], registrar: role === 'office' }),
    'devices.goOn': () => { alarms = alarms.filter((a) => a.code !== 'frozen'); wish.refused = 'other'; return {} },
    'devices.aside': () => ({ rows: alarms.some((a) => a.code === 'aside') ? (role === 'merchant' ? w.asides.map((x) => ({ ...x, masked: '' })) : w.asides) : [] }),
    'devices.asideSeen': () => { wish.aside = false; alarms = alarms.filter((a) => a.code !== 'aside'); return {} },
    'app.missingSeen': () => { wish.missing = false; return {} },
    'devices.count': () => ({}),
    'devices.soldSeen': ({ id }) => { alarms = alarms.filter((a) => a.code !== 'sold' || a.device !== id); return {} },
    'devices.keep': ({ stays }) => { alarms = alarms.map((a) => (a.code === 'copied' ? { ...a, params: { decided: stays, settled: stays === 'running' } } : a)); return {} },
    'devices.revoke': () => ({}),
    'devices.addAddress': () => ({}),
    'devices.import': ({ more }) => ({ received: more ? 0 : 38, from: more ? '' : '和平里兑换点笔记本', upload: more ? 'u1' : '' }),
    'devices.pause': ({ on }) => { paused = on; return {} },
    'audit.report': () => ({ device: 'd1', name: places[1], role, incarnation: '', documents: {}, readers: {}, balances: '', terms: {}, negative: 0 }),
    'audit.has': () => ({ missing: [] }),
    'devices.drives': () => ({ drives: [{ path: '/media/usb', name: 'U 盘 KINGSTON', free: 14_200_000_000 }] }),
    'devices.exchange': () => ({ received: 38, sent: 112, files: 4 }),
  }

  function add(id: string, person: string) {
    const all = attendance.get(id)!
    const known = all.find((a) => a.person === person)
    if (known) return known
    const p = find(person)
    const row = rows.find((a) => a.id === id)!
    const waits = all.filter((a) => a.status === 'confirmed').length >= row.places
    const made = { person, name: p.name, masked: p.masked, phoneTail: p.phoneTail, status: waits ? 'waiting' as const : 'confirmed' as const, rank: all.length + 1, signedAt: w.NOW, inAt: 0, outAt: 0, how: '' as const, scans: 0, minutes: 0, points: 0, awarded: 'no' as const, lacks: '' as const, recorders: [] } as ReturnType<typeof w.attendees>[number]
    all.push(made)
    return made
  }
}

function no(code: string, params: Record<string, unknown> = {}): never {
  throw new CallFault(code, params)
}

function month(volunteers: number): Month {
  if (!volunteers) return { month: '2026-03', sessions: 0, attendances: 0, minutes: 0, awarded: 0, redeemed: 0, volunteers: 0, active: 0, carried: 0, brought: 0, deducted: 0, moved: 0, expired: 0, outstanding: 0, days: [], types: [] }
  const awarded = [38, 52, 24, 31, 118, 40, 66, 58, 27, 33, 45, 29, 52, 71, 64, 25, 36, 42, 39, 48, 83, 69, 31, 44, 57, 18]
  const redeemed = [22, 41, 8, 14, 30, 25, 55, 46, 12, 17, 20, 16, 24, 60, 50, 10, 22, 14, 20, 31, 57, 53, 9, 21, 27, 15]
  const types: [string, number, number][] = [['环境治理', 8520, 9], ['帮孤助残', 5790, 31], ['文明引导', 4440, 6], ['家电维修', 2760, 22], ['公益课', 2460, 4], ['邻里调解', 1710, 11]]
  return { month: '2026-03', sessions: 17, attendances: 604, minutes: 25680, awarded: 1239, redeemed: 716, volunteers: 312, active: 146, carried: 7805, brought: 95, deducted: 3, moved: 0, expired: 0, outstanding: 8420, days: awarded.map((a, n) => ({ day: n + 1, awarded: a, redeemed: redeemed[n] })), types: types.map(([name, minutes, times]) => ({ name, minutes, times })) }
}

function homePage(wish: Wish, rows: ActivityRow[], m: Month, people: Person[]): Home {
  if (wish.empty) return { month: m, today: [], todo: [] }
  return {
    month: m, today: rows.slice(0, 3),
    todo: [
      { kind: 'stock', title: '洗衣液', detail: '滨河实践站', at: w.at(26, 9, 12), link: '/shop/shelf', params: { name: '洗衣液', n: 3, unit: '袋', minimum: 10, place: '滨河实践站' } },
      { kind: 'award', title: '河岸捡拾垃圾', detail: '', at: w.at(25, 20, 0), link: '/activities/a6/summary', params: { name: '河岸捡拾垃圾', people: 21 } },
      { kind: 'conflict', title: people[0].masked, detail: 'address', at: w.at(25, 11, 2), link: '/people?id=p0', params: { name: people[0].masked, field: 'address' } },
      { kind: 'reserve', title: people[4].masked, detail: '电热水壶', at: w.at(26, 9, 58), link: '/shop/reservations', params: { name: people[4].masked, goods: '电热水壶', n: 1 } },
      { kind: 'correction', title: '', detail: '', at: 0, link: '/points/corrections', params: { n: 2 } },
      { kind: 'quarantine', title: '长者食堂收银机', detail: 'role', at: w.at(24, 8, 12), link: '/devices', params: { device: '长者食堂收银机', n: 1 } },
    ],
  }
}

function roster(text: string) {
  const lines = text.split('\n').filter((l) => l.trim())
  const columns = ['name', 'phone', 'grid', 'address', 'spendable']
  const rows = lines.slice(1).map((l, n) => {
    const cells = l.split(/\t|,|，/)
    const values = Object.fromEntries(columns.map((c, i) => [c, (cells[i] ?? '').trim()]))
    const errors: { column: string; code: string; params?: Record<string, unknown> }[] = []
    if (values.phone && !/^1\d{10}$/.test(values.phone)) errors.push({ column: 'phone', code: 'people.phone.bad', params: { n: values.phone.length } })
    if (values.spendable && !/^\d+$/.test(values.spendable)) errors.push({ column: 'spendable', code: 'roster.number.bad' })
    const twin = lines.slice(1, n + 1).findIndex((o) => values.phone && o.split(/\t|,|，/)[1] === values.phone)
    const notes = twin < 0 ? [] : [{ column: 'phone', code: 'people.roster.phone', params: { line: twin + 2 } }]
    return { line: n + 2, values, errors, notes, double: values.name === '张样甲' ? 'p0' : '' }
  })
  return { token: 't1', columns, rows, good: rows.filter((r) => !r.errors.length && !r.double).length, bad: rows.filter((r) => r.errors.length).length, doubles: rows.filter((r) => r.double).length, points: { each: 10, people: rows.filter((r) => !r.values.spendable).length, opened: rows.filter((r) => r.values.spendable && !r.errors.length).length, opening: rows.reduce((sum, r) => sum + (r.errors.length ? 0 : Number(r.values.spendable) || 0), 0) } }
}
