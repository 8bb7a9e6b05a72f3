import { blankItem } from '@/words/item'
import type { Correction, ActivityRow, Alarm, Attendee, Device, Item, Line, Offer, Person, PersonRow, Receipt } from '../api'

// A believable sample community for pictures and tests; obviously invented
// names. Everything follows from fixed numbers, so pictures can be compared.
export const NOW = new Date(2026, 2, 26, 10, 32).getTime()
export const MIN = 60_000
const HOUR = 60 * MIN
const DAY = 24 * HOUR
export const at = (d: number, h: number, m = 0) => new Date(2026, 2, d, h, m).getTime()

const FAMILY = '张李王赵刘周陈孙吴郑马胡何高林罗梁宋谢唐'
const GIVEN = '甲乙丙丁戊己庚辛壬癸'
export const nameAt = (n: number) => `${FAMILY[n % 20]}样${GIVEN[Math.floor(n / 20) % 10]}`
export const mask = (name: string) => (name.length > 2 ? `${name[0]}*${name.slice(2)}` : `${name[0]}*`)
const GRIDS = ['和平里一', '和平里二', '和平里三', '滨河里', '老街', '新苑']
const SKILLS = ['测血压、代买药', '修家电', '', '理发', '', '做饭', '', '调解', '', '']
const jitter = (n: number, m: number) => ((n * 7919 + 104729) % 1009) % m

export function people(count: number): Person[] {
  return Array.from({ length: count }, (_, n) => {
    const grid = n < 46 ? 1 : n % GRIDS.length
    const year = Math.max(0, 98 - Math.floor(n * 0.9) + jitter(n, 5) - 2)
    const here = n === 4 ? 12 : n === 5 ? 0 : Math.max(0, year - 38 + jitter(n, 30))
    const spendable = n === 0 ? 78 : n === 4 ? 37 : n === 5 ? 0 : Math.max(here, year - jitter(n, 30))
    const name = nameAt(n)
    return {
      id: `p${n}`, name, masked: mask(name), code: String(2184471 + n * 37).padStart(8, '0'), grid: `g${grid}`, gridName: GRIDS[grid],
      address: `${1 + (n % 6)}-${1 + (n % 5)}-${100 * (1 + (n % 6)) + 1 + (n % 2)}`, phoneTail: String(1000 + jitter(n, 997) * 9).slice(-4), household: n < 3 ? 'h0' : '',
      lifetime: year + jitter(n, 480), year, spendable, here: n === 0 ? 60 : Math.min(here, spendable), vouchers: n === 4 ? 30 : 0, onTheWay: n === 0 ? 18 : spendable > here ? 3 : 0,
      created: at(1, 9) - n * DAY, skills: SKILLS[n % SKILLS.length],
      phone: `1390000${String(1000 + n).slice(-4)}`, idNumber: '', birthday: `19${50 + (n % 45)}-0${1 + (n % 9)}-1${n % 10}`, note: '', guardian: '', usualPlace: 'd3', shop: n === 4 ? 'p3' : n === 6 || n === 9 ? 'p5' : '',
      ids: n === 2 ? [`p${n}`, `p${n}b`] : [`p${n}`], cardGeneration: 1, cardBlocked: false, cardPin: false, debt: n === 5 ? 14 : 0, flags: [], conflicts: n === 0 ? [{ field: 'address', values: ['2-3-102', '2-3-201'] }] : [],
      householdName: n < 3 ? nameAt(0) : '', members: n < 3 ? [0, 1, 2].map((m) => ({ id: `p${m}`, name: nameAt(m), head: m === 0 })) : [],
    }
  })
}
export const rowOf = (p: Person): PersonRow => ({ ...p })

// Of somebody whose award was taken back when it was spent already: 10 were there.
const owing: [number, number, number, string, number, Line['kind'], string][] = [
  [24, 9, 1, '', -6, 'debt', ''], [24, 9, 0, '楼道清扫 2 小时', 6, 'award', ''], [12, 10, 0, '便民服务集市', -30, 'undo', ''], [10, 10, 12, '凉水壶 1 把', -20, 'redeem', ''], [5, 15, 0, '便民服务集市', 30, 'award', ''],
]
const PLAIN = { state: 'booked', asked: '', code: '', branch: false, photos: 0 } as const
const owedBy = (kind: Line['kind'], amount: number) => (kind === 'debt' ? amount : kind === 'undo' ? 20 : 0)

export function passbook(p: Person): Line[] {
  const rows: [number, number, number, string, number, Line['kind'], string][] = [
    [25, 15, 20, '家电维修 1 次', 3, 'award', '刘样甲'], [23, 9, 5, '查飞线充电 1 次', 2, 'award', ''], [21, 11, 2, '环境卫生整治 1 小时', 3, 'award', ''],
    [18, 16, 30, '家电维修 1 次', 3, 'award', '刘样甲'], [14, 19, 0, '调解邻里纠纷 1 次，成功', 8, 'award', '双方签字'], [10, 10, 40, '公益课授课 1 次', 5, 'award', ''],
    [7, 10, 12, '凉水壶 1 把', -20, 'redeem', ''], [5, 15, 0, '便民服务集市 2 小时', 6, 'award', ''], [2, 9, 30, '陪独居老人就医 2 小时', 6, 'award', '王样甲'], [1, 9, 0, '楼道清扫 1 小时', 3, 'award', ''],
  ]
  if (p.debt) rows.splice(0, rows.length, ...owing)
  let balance = p.spendable + p.vouchers
  let debt = p.debt
  return rows.map(([d, h, m, text, amount, kind, witness], n) => {
    const line: Line = {
      ref: { doc: `feed/${p.id}`, seq: 100 - n, hash: `h${n}` }, index: 0, at: at(d, h, m), kind, text, note: n === 1 && !p.debt ? '3 号楼 2 单元，两处插线板已收走' : '', item: kind === 'debt' ? '' : 'A1', version: 3, amount, balance, debt, owed: owedBy(kind, amount), before: 0,
      place: kind === 'redeem' ? '惠民超市' : '滨河实践站', device: '滨河实践站电脑', operator: n % 2 ? '陈样' : '刘样', witness, proof: kind === 'redeem' && amount < -50 ? 'pin' : '', ...(p.debt ? { ...PLAIN, undone: n === 4, correct: n === 1 || n === 3, reason: kind === 'undo' ? '分钟录多了' : '' } : { state: n === 0 ? 'onTheWay' : 'booked', takeBack: n === 0 ? 'd0' : '', undone: n === 5, correct: n > 0 && n !== 3 && n !== 5, asked: n === 2 ? 'open' : n === 4 ? 'refused' : '', code: n === 4 ? 'ledger.period.closed' : '', reason: '', branch: n === 3, photos: n === 1 ? 3 : n === 4 ? 1 : 0 }),
    }
    line.before = balance -= kind === 'undo' ? amount + line.owed : amount
    debt -= line.owed
    return line
  })
}

export function corrections(people: Person[]): Correction[] {
  const who = (n: number) => ({ person: people[n]?.id ?? '', name: people[n]?.name ?? '', masked: people[n]?.masked ?? '' })
  return [
    { hash: 'c1', ...who(0), kind: 'redeem', points: 20, made: at(25, 16, 20), device: '惠民超市收银机', place: '惠民超市', at: at(26, 9, 5), by: '陈样', reason: '凉水壶退回，没拆封', state: 'open', code: '', here: false },
    { hash: 'c2', ...who(1), kind: 'deduct', points: 14, made: at(24, 10, 0), device: '滨河实践站电脑', place: '滨河实践站', at: at(25, 18, 30), by: '刘样', reason: '认错了人', state: 'open', code: '', here: false },
    { hash: 'c3', ...who(2), kind: 'award', points: 6, made: at(20, 9, 0), device: '办公室电脑', place: '社区办公室', at: at(22, 11, 0), by: '陈样', reason: '记重了', state: 'done', code: '', here: true },
    { hash: 'c4', ...who(3), kind: 'award', points: 5, made: at(2, 9, 0), device: '滨河实践站电脑', place: '滨河实践站', at: at(21, 11, 0), by: '陈样', reason: '去年的', state: 'refused', code: 'ledger.period.closed', here: false },
    { hash: 'c5', ...who(4), kind: 'redeem', points: 8, made: at(19, 9, 0), device: '惠民超市收银机', place: '惠民超市', at: at(20, 8, 0), by: '刘样', reason: '误会，没有退', state: 'withdrawn', code: '', here: false },
  ]
}

const RULES: (Partial<Item> & Pick<Item, 'code'>)[] = [
  { code: 'A1', group: '环境治理', name: '环境卫生整治', kind: 'time', points: 3, minutes: 60, dayCap: 12, witness: false },
  { code: 'A2', group: '环境治理', name: '楼道清扫', kind: 'time', points: 3, minutes: 60, dayCap: 12, witness: false },
  { code: 'B1', group: '帮孤助残', name: '陪独居老人就医', kind: 'time', points: 3, minutes: 60, dayCap: 0, witness: true },
  { code: 'K1', group: '扣分', name: '占用消防通道', kind: 'deduct', points: 3, notice: 5, witness: false },
  { code: 'K2', group: '扣分', name: '楼道堆放杂物', kind: 'deduct', points: 2, minutes: 0, dayCap: 0, witness: true },
  { code: 'B2', group: '帮孤助残', name: '家电维修', kind: 'deed', points: 3, minutes: 0, dayCap: 9, witness: true },
  { code: 'C1', group: '公益课', name: '公益课授课', kind: 'deed', points: 5, minutes: 0, dayCap: 10, witness: false },
  { code: 'C2', group: '文明引导', name: '文明引导', kind: 'time', points: 3, minutes: 60, dayCap: 12, witness: false },
  { code: 'D1', group: '邻里调解', name: '调解邻里纠纷成功', kind: 'deed', points: 8, minutes: 0, dayCap: 0, witness: true },
  { code: 'E1', group: '安全巡查', name: '查飞线充电', kind: 'deed', points: 2, minutes: 0, dayCap: 6, witness: false },
  { code: 'Z0', group: '登记', name: '注册奖励', kind: 'deed', points: 10, minutes: 0, dayCap: 0, witness: false },
  { code: 'F1', group: '邻里互助', sub: '银龄互助', name: '帮老年家庭干农活', kind: 'mutual', points: 15, minutes: 60, monthCap: 150, note: '由被帮的人家在手机上或签字确认' },
  { code: 'F2', group: '邻里互助', sub: '银龄互助', name: '代买药品', kind: 'often', points: 2, times: 3, span: 'week', self: true },
  { code: 'F3', group: '邻里互助', sub: '公益捐助', name: '捐赠闲置物品', kind: 'donate', points: 1, unit: '件', per: 2, review: true, self: true, monthCap: 20 },
  { code: 'G1', group: '文明新风', name: '报名参加文明楼道评比', kind: 'deed', points: 2, review: true, notice: 5, yearCap: 8, self: true, note: '以户为单位，一年四次' },
  { code: 'G2', group: '文明新风', name: '所在楼道评为文明楼道', kind: 'deed', points: 3, notice: 5, lead: true },
  { code: 'G3', group: '文明新风', name: '美丽庭院、最美家庭等称号', kind: 'honour', points: 30, review: true, notice: 7 },
  { code: 'G4', group: '文明新风', name: '高考、中考全乡前三名（记在家长）', kind: 'exam', points: 50, review: true, notice: 7 },
]
export const ITEMS: Item[] = RULES.map(blankItem)

const GOODS: [string, string, number, number, string, number][] = [
  ['牙膏', '支', 5, 38, 'paste', 10], ['香皂', '块', 4, 52, 'soap', 10], ['洗手液', '瓶', 6, 17, 'bottle', 10], ['洗衣液', '袋', 8, 3, 'oil', 10], ['卫生纸', '提', 10, 31, 'roll2', 10], ['毛巾', '条', 7, 20, 'towel', 5],
  ['凉水壶', '把', 20, 6, 'jug', 2], ['电热水壶', '个', 30, 4, 'kettle', 2], ['大米', '5 公斤', 35, 9, 'rice', 4], ['台灯', '盏', 32, 3, 'lamp', 2], ['理发', '次', 15, -1, 'scissors', 0], ['长者食堂代金券', '10 元', 10, -1, 'meal', 0],
]
export const offers: Offer[] = GOODS.map(([name, unit, points, stock, icon, minimum], n) => ({
  id: `o${n}`, name, unit, kind: n === 10 ? 'service' : n === 11 ? 'coupon' : 'goods', points, stock, minimum, icon, active: true, reserved: n === 7 ? 1 : 0, code: `69000${10000 + n}`, cost: points * 80, photo: [1, 3, 4, 7].includes(n) ? `good-${icon}` : '',
}))

export const activities: ActivityRow[] = [
  { id: 'a1', title: '2号院楼道大清扫', type: '环境治理', start: at(26, 9), end: at(26, 11), place: '和平里 2号院 1–6 单元', places: 13, confirmed: 13, waiting: 4, pending: 0, present: 11, state: 'running', item: 'A1' },
  { id: 'a2', title: '公益课：手机上挂号缴费', type: '公益课', start: at(26, 14), end: at(26, 15, 30), place: '滨河实践站 二楼', places: 24, confirmed: 20, waiting: 0, pending: 2, present: 0, state: 'open', item: 'C1' },
  { id: 'a3', title: '议事会：给院里添几条长椅', type: '邻里调解', start: at(26, 19), end: at(26, 20, 30), place: '居民代表会议室', places: 11, confirmed: 11, waiting: 0, pending: 0, present: 0, state: 'full', item: 'D1' },
  { id: 'a4', title: '陪独居老人体检', type: '帮孤助残', start: at(27, 8, 30), end: at(27, 11, 30), place: '社区卫生服务站', places: 8, confirmed: 5, waiting: 0, pending: 0, present: 0, state: 'open', item: 'B1' },
  { id: 'a5', title: '清明文明祭扫引导', type: '文明引导', start: new Date(2026, 3, 2, 7, 30).getTime(), end: new Date(2026, 3, 2, 9, 30).getTime(), place: '滨河公园东门', places: 13, confirmed: 13, waiting: 2, pending: 0, present: 0, state: 'full', item: 'C2' },
  { id: 'a6', title: '河岸捡拾垃圾', type: '环境治理', start: at(21, 9), end: at(21, 11), place: '滨河步道', places: 30, confirmed: 22, waiting: 0, pending: 0, present: 21, state: 'awarded', item: 'A1' },
  { id: 'a7', title: '便民服务集市', type: '家电维修', start: at(15, 9), end: at(15, 12), place: '和平里广场', places: 20, confirmed: 18, waiting: 0, pending: 0, present: 17, state: 'awarded', item: 'B2' },
]

export function attendees(all: Person[], activity: ActivityRow): Attendee[] {
  const running = activity.state === 'running'
  const past = activity.state === 'awarded'
  const hows: Attendee['how'][] = ['roll', 'card', 'card', 'qr', 'qr', 'qr', 'card', 'roll', 'qr', 'qr', 'card']
  return all.slice(1, 1 + activity.confirmed + activity.waiting).map((p, n) => {
    const waits = n >= activity.confirmed
    const here = (running || past) && n < activity.present
    const inAt = here ? activity.start - 8 * MIN + n * 2 * MIN + (n === 10 && running ? 75 * MIN : 0) : 0
    const outAt = past && here ? (n === 12 ? 0 : n === 14 ? inAt + 25 * MIN : activity.end) : n === 4 && here ? inAt + 67 * MIN : n === 3 && here ? inAt + 41 * MIN : 0
    const minutes = here ? Math.round(((outAt || (past ? inAt + MIN : NOW)) - inAt) / MIN) : 0
    return {
      person: p.id, name: p.name, masked: p.masked, phoneTail: p.phoneTail, status: waits ? 'waiting' : 'confirmed', rank: waits ? n - activity.confirmed + 1 : n + 1,
      signedAt: at(24, 11, 6) + n * 37 * MIN, inAt, outAt, how: here ? hows[n % hows.length] : '', scans: n === 8 ? 3 : here ? 1 : 0, minutes, points: Math.floor(minutes / 60) * 3,
      awarded: past && minutes >= 60 ? 'booked' : 'no', lacks: !here || minutes >= 60 ? '' : outAt ? 'time' : 'out', recorders: here ? ['滨河实践站电脑'] : [],
    }
  })
}

export function receipts(all: Person[]): Receipt[] {
  const rows: [number, number, number, [number, number][]][] = [[10, 29, 3, [[3, 2]]], [10, 11, 7, [[0, 1], [1, 1]]], [9, 47, 5, [[5, 2]]], [9, 36, 6, [[2, 1]]], [9, 22, 26, [[8, 1]]], [9, 10, 2, [[4, 1]]], [8, 57, 9, [[0, 2]]], [8, 45, 28, [[5, 1], [0, 1]]]]
  return rows.map(([h, m, who, lines], n) => {
    const p = all[who]
    const got = lines.map(([o, k]) => ({ name: offers[o].name, unit: offers[o].unit, n: k, points: offers[o].points * k }))
    return {
      number: `0326-00${rows.length - n}`, ref: { doc: 'feed/till', seq: 50 - n, hash: `r${n}` }, at: at(26, h, m), community: '滨河社区', place: '惠民超市', masked: p.masked, name: p.name, code: p.code,
      lines: got, total: got.reduce((a, l) => a + l.points, 0), hereAfter: p.here, operator: '孙样', undone: n === 4, late: false, proof: n === 4 ? 'keeper' : '', less: 0, lessLevel: '', lessLife: 0,
    }
  })
}

export function devices(offline: boolean): Device[] {
  const row = (id: string, name: string, role: Device['role'], placeName: string, online: boolean, last: number, via: Device['via'], lacks: number, extra: Partial<Device> = {}): Device => ({
    id, name, role, placeName, home: '', self: false, registrar: false, standby: false, online: online && !offline, last: offline && online ? at(26, 8, 31) : last, via, lacks: offline ? Math.max(12, lacks) : lacks, revoked: false, addresses: [`192.168.1.${id.slice(1)}:8421`], ...extra,
  })
  return [
    row('d1', '1 号电脑', 'office', '社区办公室', true, NOW, '', 0, { self: true, online: true, registrar: true, last: NOW, lacks: 0 }),
    row('d2', '2 号电脑', 'office', '社区办公室', true, at(26, 10, 32), 'lan', 0),
    row('d3', '滨河实践站电脑', 'station', '滨河实践站', true, at(26, 10, 32), 'lan', 0),
    row('d4', '惠民超市收银机', 'merchant', '惠民超市', true, at(26, 10, 31), 'lan', 0),
    row('d5', '长者食堂收银机', 'merchant', '长者食堂', false, at(25, 18, 2), 'lan', 12),
    row('d6', '和平里兑换点笔记本', 'station', '和平里兑换点', false, at(23, 17, 40), 'usb', -1),
  ]
}

// A picture that looks like a code; nobody scans a picture of a mock.
export function fakeQr(seed: number): string {
  const N = 25
  const cells: string[] = []
  let x = seed * 2654435761 + 12345
  const eye = (r: number, c: number) => (r < 8 && c < 8) || (r < 8 && c > N - 9) || (r > N - 9 && c < 8)
  for (let r = 0; r < N; r++) for (let c = 0; c < N; c++) {
    x = (x * 1103515245 + 12345) % 2147483648
    if (!eye(r, c) && (x >> 12) % 2) cells.push(`M${c} ${r}h1v1h-1z`)
  }
  for (const [r, c] of [[0, 0], [0, N - 7], [N - 7, 0]]) cells.push(`M${c} ${r}h7v7h-7zM${c + 1} ${r + 1}v5h5v-5zM${c + 2} ${r + 2}h3v3h-3z`)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 ${N + 2} ${N + 2}"><path fill="#000" fill-rule="evenodd" d="${cells.join('')}"/></svg>`
}

export const alarms: Alarm[] = [
  { code: 'copied', device: 'd2', name: '滨河实践站电脑', since: at(26, 9, 12), link: '/devices', params: { stopped: true, stoppedAt: at(26, 9, 12), stoppedAddr: '192.168.1.24', runningAt: at(26, 10, 32), runningAddr: '192.168.1.37', online: true } },
  { code: 'fork', device: 'd2', name: '滨河实践站电脑', since: at(26, 9, 10), link: '/devices', params: { settled: true } },
  { code: 'revoked', device: 'd4', name: '老街小卖部手机', since: at(26, 8, 40), link: '/devices', params: { points: 86, lost: 4 } },
  { code: 'sold', device: 'd5', name: '副办公室电脑', since: at(26, 9, 0), link: '/devices', params: { how: 'main', n: 3, points: 27, lost: 27, more: 0, lines: [
    { at: at(26, 7, 40), person: '张三', goods: '香皂 × 3', points: 12 }, { at: at(26, 7, 44), person: '李四', goods: '洗衣液 × 1、毛巾 × 2', points: 10 }, { at: at(26, 8, 5), person: '王五', goods: '香皂 × 1', points: 5 },
  ] } },
  { code: 'sold', device: 'd4', name: '老街小卖部手机', since: at(26, 8, 50), link: '/devices', params: { how: 'revoked', n: 1, points: 3, lost: 3, more: 0, lines: [{ at: at(26, 8, 20), person: '居民甲', goods: '香皂 × 1', points: 3 }] } },
  { code: 'clock', device: 'd3', name: '惠民超市收银机', since: at(26, 8, 2), link: '/devices', params: { minutes: 9, ahead: true } },
  { code: 'loss', device: '', name: '', since: at(26, 9, 40), link: '/points/year', params: { points: 12 } },
]
// What a refused feed shows: at the office, at a device that is refused wrongly, and after it went on.
export const refusals: Alarm[] = [
  { code: 'frozen', device: 'd2', name: '滨河实践站电脑', since: at(26, 9, 12), link: '/devices', params: { stopped: true, closed: false } },
  { code: 'unfair', device: 'd3', name: '惠民超市收银机', since: at(26, 9, 10), link: '/devices', params: { number: 1284 } },
  { code: 'aside', device: 'd1', name: '社区办公室 1 号电脑', since: at(26, 8, 2), link: '/devices', params: { again: 3, left: 2 } },
]
export const asides = [
  { at: at(25, 15, 3), operator: '经办人 陈', masked: '张**', given: 50, redeemed: 0, again: false },
  { at: 0, operator: '', masked: '', given: 0, redeemed: 0, again: false },
  { at: at(25, 15, 12), operator: '经办人 陈', masked: '王*', given: 0, redeemed: 12, again: true },
  { at: at(25, 16, 40), operator: '经办人 陈', masked: '李**', given: 0, redeemed: 6, again: true },
  { at: at(26, 7, 58), operator: '经办人 陈', masked: '赵*', given: 8, redeemed: 0, again: true },
]
