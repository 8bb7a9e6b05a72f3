import type { Claim, ClaimState, ClaimWord, Item, Person, Photo } from '../api'
import { CallFault } from '../fault'
import type { Handlers } from './calls'
import { photoOf } from './picture'
import { at, NOW } from './world'

// Claims in every state.
const none: ClaimWord = { at: 0, by: '', yes: false, how: '', why: '', void: '' }
const DAY = 24 * 60 * 60 * 1000
export function claimCalls(people: Person[], items: () => Item[]) {
  const of = (n: number, text: string, points: number, state: ClaimState, more: Partial<Claim> = {}): Claim => ({
    id: `k${n}`, person: people[n % people.length].id, name: people[n % people.length].name, masked: people[n % people.length].masked, item: 'G1', text, version: 3, at: at(24, 9 + n % 8, 0), minutes: 0, count: 0, points, worth: points,
    note: '', witness: '', via: 'desk', by: '陈样', made: at(24, 9 + n % 8, 20), state, until: 0, days: 5, lead: false, own: false, late: false, appeal: '', review: none, told: none, answer: none, void: none, photos: n % 3, asked: [], ...more,
  })
  const rows: Claim[] = !people.length ? [] : [
    of(0, '代买药品', 2, 'review', { via: 'page', by: '', note: '给 3 单元王奶奶买降压药' }), of(1, '捐赠闲置物品', 3, 'review', { via: 'grid', by: '刘样', note: '童车一辆、图书 20 本', count: 6 }),
    of(13, '打扫楼道', 1, 'review', { via: 'page', by: '', asked: [{ at: at(24, 16), by: '陈样', text: '扫的是几号楼？有人看见吗？', repliedAt: at(25, 8), reply: '2 号楼 3 单元，上午九点，李婶看见的', how: 'page' }] }), of(14, '照看独居老人', 4, 'asked', { via: 'page', by: '', minutes: 120, until: NOW + 13 * DAY, days: 14, asked: [{ at: at(25, 9), by: '陈样', text: '照看的是哪一家？请补一张照片', repliedAt: 0, reply: '', how: '' }] }),
    of(2, '帮老年家庭干农活', 60, 'confirm', { note: '收玉米', minutes: 240 }), of(3, '占用消防通道', -3, 'tell', { note: '电动车停在楼道口' }),
    of(4, '楼道堆放杂物', -2, 'appealed', { told: { ...none, at: at(24, 12), how: 'page', yes: true }, appeal: '杂物是楼上临时放的，当天已搬走' }),
    of(5, '报名参加文明楼道评比', 2, 'notice', { until: NOW + 3 * DAY, review: { ...none, at: at(25, 9), yes: true, by: '刘样' } }), of(6, '美丽庭院称号', 30, 'notice', { until: NOW + 6 * DAY }),
    of(7, '占用消防通道', -3, 'notice', { until: NOW + 2 * DAY, told: { ...none, at: at(24, 15), how: 'paper', by: '刘样', yes: true } }),
    { ...of(1, '占用消防通道', -3, 'notice', { until: NOW + 4.5 * DAY, told: { ...none, at: at(25, 9), how: 'page', yes: true } }), id: 'k1a' }, { ...of(1, '楼道堆放杂物', -2, 'tell', { note: '旧沙发放在二楼平台', witness: '王样' }), id: 'k1b' },
    of(8, '所在楼道评为文明楼道', 3, 'booked'), of(11, '占用消防通道', -3, 'booked', { late: true, told: { ...none, at: at(20, 9), how: 'paper', by: '刘样', yes: true }, appeal: '那天我在外地，不是我的车' }),
    of(12, '调解邻里纠纷', 8, 'review', { via: 'grid', by: '刘样', witness: '王样', void: { ...none, at: at(25, 10), yes: true, by: '刘样', void: 'own' } }), of(9, '代买药品', 2, 'refused', { review: { ...none, at: at(23, 9), why: '当天没有这回事' } }), of(10, '毁绿种菜', -3, 'dropped', { answer: { ...none, at: at(22, 9), yes: true, why: '物业同意的' } }),
  ]
  let on = false
  const shots: Record<string, Photo[]> = {}
  const shotsOf = (of: string) => (shots[of] ??= Array.from({ length: rows.find((r) => `claim/${r.id}` === of)?.photos ?? ({ 'deed/h1': 3, 'deed/h4': 1 }[of] ?? 0) }, (_, n) => ({ person: people[0].id, of, hash: `${of}-${n}`, at: at(24, 10, n * 7), by: '刘样', here: n !== 1 })))
  const find = (id: string) => rows.find((r) => r.id === id) ?? ((): never => { throw new CallFault('claim.unknown') })()
  const set = (id: string, more: Partial<Claim>) => Object.assign(find(id), more)
  const calls: Pick<Handlers, 'claim.post' | 'claim.list' | 'claim.confirm' | 'claim.review' | 'claim.ask' | 'claim.reply' | 'claim.tell' | 'claim.appeal' | 'claim.answer' | 'claim.withdraw' | 'claim.families' | 'lists.get' | 'lists.set' | 'photo.list' | 'photo.add' | 'photo.get' | 'photo.takeDown'> = {
    'claim.post': ({ people: who, item, note }) => {
      const i = items().find((x) => x.code === item)!
      for (const id of who) { const n = people.findIndex((p) => p.id === id); rows.unshift({ ...of(Math.max(0, n), i.name, i.kind === 'deduct' ? -i.points : i.points, i.kind === 'deduct' ? 'tell' : i.review ? 'review' : 'notice'), id: `k${rows.length}`, note, made: NOW, at: NOW, until: NOW + i.notice * DAY }) }
      return { posted: who.length, points: i.kind === 'deduct' ? -i.points : i.points, double: [] }
    },
    'claim.list': ({ person }) => {
      const list = rows.filter((r) => !person || r.person === person)
      const counts: Partial<Record<ClaimState, number>> = {}
      for (const r of list) if (!['booked', 'refused', 'dropped', 'withdrawn', 'lapsed'].includes(r.state)) counts[r.state] = (counts[r.state] ?? 0) + 1
      return { rows: list.map((r) => ({ ...r })), counts }
    },
    'claim.confirm': ({ id }) => set(id, { state: 'notice', until: NOW + DAY }),
    'claim.review': ({ id, yes, why }) => set(id, { state: yes ? 'notice' : 'refused', until: NOW + 5 * DAY, review: { ...none, at: NOW, yes, why, by: '陈样' } }),
    'claim.ask': ({ id, text }) => set(id, { state: 'asked', days: 14, asked: [...find(id).asked, { at: NOW, by: '陈样', text, repliedAt: 0, reply: '', how: '' }] }),
    'claim.reply': ({ id, text }) => set(id, { state: 'review', asked: find(id).asked.map((x) => (x.repliedAt ? x : { ...x, repliedAt: NOW, reply: text, how: 'desk' })) }),
    'claim.tell': ({ id, how }) => set(id, { state: 'notice', until: NOW + 5 * DAY, told: { ...none, at: NOW, how, by: '陈样', yes: true } }),
    'claim.appeal': ({ id, text }) => set(id, { state: 'appealed', appeal: text }),
    'claim.answer': ({ id, yes, why }) => set(id, { ...(find(id).late ? { late: false } : { state: yes ? 'dropped' : 'notice', until: NOW + DAY } as const), answer: { ...none, at: NOW, yes, why, by: '陈样' } }),
    'claim.withdraw': ({ id }) => set(id, { state: 'withdrawn' }),
    'claim.families': ({ address }) => ({ families: people.filter((p) => p.address.startsWith(address)).slice(0, 12).map((p, n) => ({ person: p.id, name: p.name, masked: p.masked, address: p.address, members: 1 + (n % 4) })) }),
    'photo.list': ({ of }) => ({ photos: [...shotsOf(of)], max: 6 }),
    'photo.add': ({ of }) => { shotsOf(of).push({ person: people[0].id, of, hash: `${of}-${shotsOf(of).length}`, at: NOW, by: '陈样', here: true }); return { photos: [...shotsOf(of)], max: 6 } },
    'photo.get': ({ hash }) => { if (hash.endsWith('-1')) throw new CallFault('photo.away'); return { jpeg: photoOf(hash) } },
    'photo.takeDown': ({ hash }) => { for (const list of Object.values(shots)) { const n = list.findIndex((p) => p.hash === hash); if (n >= 0) list.splice(n, 1) } return {} },
    'lists.get': () => ({ on, registrar: true, red: on ? people.slice(0, 6).map((p, n) => ({ masked: p.masked, text: '', points: 180 - n * 12 })) : [], yellow: on ? rows.filter((r) => r.points < 0).slice(0, 2).map((r) => ({ masked: r.masked, text: r.text, points: r.points })) : [] }),
    'lists.set': (r) => { on = r.on; return {} },
  }
  return calls
}
