import type { Calls, Job, Order, OrderRow, Performance, Person, Project, Score, Survey, Team } from '../api'
import { CallFault } from '../fault'
import { MIN, NOW, at } from './world'

// Wishes for pictures and tests: a few in every column, one dispatched twice.
type Handlers = { [K in keyof Calls]?: (body: Calls[K][0]) => Calls[K][1] }
const TEXTS: [string, string, string][] = [
  ['维修', '客厅的灯坏了，一闪一闪的，晚上不敢起夜', 'call'], ['代办', '帮忙取一下降压药，医保卡在家', 'page'], ['陪伴', '想有人陪着去医院拍片子', 'desk'], ['维修', '厨房水管滴水，关不严', 'page'], ['家政', '窗帘太高，洗不了', 'paper'], ['理发', '腿脚不便，想请人上门理个发', 'grid'],
  ['维修', '纱窗破了，蚊子进来', 'desk'], ['代办', '教我用手机缴电费', 'call'], ['陪伴', '老伴住院，想有人说说话', 'page'], ['维修', '门锁拧不动', 'call'], ['理发', '上门理发', 'page'], ['代办', '陪着去办老年卡', 'desk'],
]
const STATES: OrderRow['state'][] = ['posted', 'posted', 'posted', 'offered', 'offered', 'serving', 'serving', 'served', 'closed', 'closed', 'closed', 'closed']

export function orderCalls(people: Person[], empty: boolean): Handlers & Pick<{ [K in keyof Calls]: (body: Calls[K][0]) => Calls[K][1] }, OrderNames> {
  const rows: Order[] = empty || people.length < 40 ? [] : TEXTS.map((_, n) => made(people, n))
  const projects: Project[] = empty ? [] : someProjects()
  const teams: Team[] = people.length < 40 ? [] : [{ id: 't1', name: '银发互助队', lead: 'p3', closed: false, members: [3, 8, 12, 21].map((n) => ({ person: `p${n}`, name: people[n].name })) }, { id: 't2', name: '妇联志愿服务队', lead: 'p5', closed: false, members: [5, 6, 9, 14, 17, 30].map((n) => ({ person: `p${n}`, name: people[n].name })) }]
  const surveys: Survey[] = empty ? [] : [{ id: 's1', title: '三月入户问卷', forms: 86, at: at(18, 16), operator: '陈样', votes: [{ project: 'j0', name: '上门理发', n: 41 }, { project: 'j1', name: '义诊量血压', n: 37 }], rules: [{ code: 'BN02', name: '便民服务', n: 52 }, { code: '', name: '帮邻居收快递', n: 23 }] }]
  const find = (id: string) => rows.find((r) => r.id === id) ?? (() => { throw new CallFault('order.unknown') })()
  const step = (o: Order, kind: Order['history'][number]['kind'], more: Partial<Order['history'][number]> = {}) => o.history.push({ at: NOW, kind, device: '1 号电脑', operator: '陈样', name: o.party.name, text: '', code: '', stars: 0, minutes: 0, ...more })
  return {
    'order.board': ({ grid, type }) => {
      const seen = rows.filter((r) => (!grid || r.grid === grid) && (!type || r.type === type))
      return { columns: (['posted', 'offered', 'serving', 'served', 'closed'] as const).map((state) => { const list = seen.filter((r) => r.state === state); return { state, total: list.length, rows: list } }), types: [...new Set(rows.map((r) => r.type))], badge: badgeOf(rows) }
    },
    'order.list': ({ state, person }) => { const list = rows.filter((r) => (!state || r.state === state) && (!person || r.person === person)); return { total: list.length, rows: list } },
    'order.get': ({ id }) => find(id),
    'order.badge': () => badgeOf(rows),
    'order.fitting': () => ({ rows: empty ? [] : people.slice(3, 7).map((p, n) => ({ id: p.id, name: p.name, masked: p.masked, skills: ['水电维修、开锁', '家电维修', '水电维修', '修自行车、水电维修'][n], done: [12, 3, 0, 7][n], open: [0, 0, 2, 0][n], away: n === 3, unable: false, free: n < 2 })) }),
    'order.parties': () => ({ teams, merchants: [{ id: 'm1', name: '惠民水电行' }, { id: 'm2', name: '长者食堂' }] }),
    'order.post': (n) => {
      const p = people.find((x) => x.id === n.person)
      if (!p || !n.text.trim()) throw new CallFault(p ? 'order.text' : 'people.unknown', { max: 500 })
      const o: Order = { ...made(people, 0), ...n, id: `w${rows.length}`, name: p.name, masked: p.masked, made: NOW, state: 'posted', clash: false, rivals: [], lost: false, history: [] }
      step(o, 'post', { code: n.via })
      rows.unshift(o)
      return o
    },
    'order.cancel': ({ id, why }) => { const o = find(id); Object.assign(o, { state: 'cancelled', why }); step(o, 'cancel', { code: why }); return o },
    'order.dispatch': ({ id, kind, party }) => {
      const o = find(id)
      const name = kind === 'person' ? people.find((p) => p.id === party)?.name : kind === 'team' ? teams.find((x) => x.id === party)?.name : '惠民水电行'
      Object.assign(o, { state: 'offered', offer: `f${NOW}`, offeredAt: NOW, party: { kind, id: party, name: name ?? '' } })
      step(o, 'offer', { code: kind })
      return o
    },
    'order.answer': ({ id, yes, why }) => { const o = find(id); o.state = yes ? 'serving' : 'posted'; o.contactAt = o.contactAt || NOW; step(o, yes ? 'accept' : 'decline', { code: why }); return o },
    'order.reply': ({ id, text }) => { const o = find(id); o.contactAt = o.contactAt || NOW; step(o, 'reply', { text }); return o },
    'order.done': ({ id, minutes }) => { const o = find(id); Object.assign(o, { state: 'served', doneAt: NOW, minutes }); step(o, 'done', { minutes }); return o },
    'order.review': ({ id, stars, text, via }) => { const o = find(id); Object.assign(o, { state: 'closed', stars, praise: text, reviewVia: via, reviewedAt: NOW }); step(o, 'review', { stars, text, code: via }); return o },
    'order.settle': ({ id }) => { const o = find(id); Object.assign(o, { clash: false, rivals: [], lost: false }); step(o, 'settle'); return o },
    'order.performance': () => (empty ? { all: score('all', '', 0), cancelled: 0, parties: [], staff: [], grid: [] } : performance(people)),
    'project.list': ({ all }) => ({ projects: projects.filter((p) => all || !p.closed) }),
    'project.save': (p) => {
      const known = projects.find((x) => x.id === p.id)
      if (known) Object.assign(known, p)
      else projects.push({ ...p, id: `j${projects.length}`, made: NOW, orders: 0, served: 0, reviews: 0, stars: 0, last: 0, likes: 0, votes: 0, prune: '', liked: false, popular: false })
      return { id: p.id || `j${projects.length - 1}` }
    },
    'team.list': () => ({ teams }),
    'team.save': (x) => { teams.push({ ...x, id: `t${teams.length + 1}`, members: x.members.map((person) => ({ person, name: people.find((p) => p.id === person)?.name ?? '' })) }); return { id: `t${teams.length}` } },
    'survey.list': () => ({ surveys }),
    'survey.save': (s) => { surveys.unshift({ ...s, id: `s${surveys.length + 1}`, at: NOW, operator: '陈样' }); return { id: 's' } },
    'job.list': () => ({ jobs: rows.length ? someJobs(people) : [] }),
    'job.answer': ({ yes }) => ({ ...someJobs(people)[0], state: yes ? 'serving' : 'declined' }),
    'job.done': () => ({ ...someJobs(people)[1], state: 'served' }),
    'job.reply': () => someJobs(people)[1],
  }
}
type OrderNames = 'order.board' | 'order.list' | 'order.get' | 'order.badge' | 'order.parties' | 'order.fitting' | 'order.post' | 'order.cancel' | 'order.dispatch' | 'order.answer' | 'order.reply' | 'order.done' | 'order.review' | 'order.settle' | 'order.performance' | 'project.list' | 'project.save' | 'team.list' | 'team.save' | 'survey.list' | 'survey.save' | 'job.list' | 'job.answer' | 'job.done' | 'job.reply'

function badgeOf(rows: Order[]) {
  const waiting = rows.filter((r) => r.state === 'posted')
  return { posted: waiting.length, newest: waiting[0]?.id ?? '', at: waiting[0]?.made ?? 0, oldest: waiting[waiting.length - 1]?.made ?? 0, clashes: rows.filter((r) => r.clash).length }
}

export function made(people: Person[], n: number): Order {
  const [type, text, via] = TEXTS[n]
  const state = STATES[n]
  const p = people[30 - n]
  const start = n < 3 ? NOW - [18, 47, 126][n] * MIN : n < 8 ? NOW - (40 + n * 33) * MIN : at(25 - n + 6, 15, n * 4)
  const rank = ['posted', 'offered', 'serving', 'served', 'closed'].indexOf(state)
  const party: Order['party'] = rank < 1 ? { kind: '', id: '', name: '' } : n % 3 === 0 ? { kind: 'person', id: `p${n + 2}`, name: people[n + 2].name } : n % 3 === 1 ? { kind: 'team', id: 't1', name: '银发互助队' } : { kind: 'merchant', id: 'm1', name: '惠民水电行' }
  const o: Order = {
    id: `w${n}`, state, type, project: '', projectName: '', person: p.id, name: p.name, masked: p.masked, grid: p.grid, text, via: via as Order['via'], made: start,
    offeredAt: rank > 0 ? start + 6 * MIN : 0, contactAt: rank > 1 ? start + (n === 6 ? 41 : 22) * MIN : 0, doneAt: rank > 2 ? start + (n === 9 ? 95 : 52) * MIN : 0, reviewedAt: rank > 3 ? start + 120 * MIN : 0,
    party, declined: n === 2 ? 1 : 0, stars: rank > 3 ? (n === 9 ? 4 : n === 11 ? 0 : 5) : 0, reviewVia: rank < 4 ? '' : n === 9 ? 'callback' : n === 11 ? 'timeout' : 'page', clash: n === 3,
    address: p.address, phone: n % 2 ? '' : p.phone, by: '陈样', offer: rank > 0 ? `f${n}` : '', item: rank > 0 ? 'B2' : '', itemName: rank > 0 ? '家电维修' : '', minutes: rank > 2 ? 25 : 0, praise: rank > 3 && n !== 11 ? '修得又快又好，还把别处也看了一遍。' : '', why: '',
    helpers: rank > 2 && party.kind === 'person' ? [{ person: party.id, name: party.name, points: 3, awarded: rank > 3 ? 'booked' : 'no' }] : [], history: [],
    rivals: n === 3 ? [{ id: 'fx', party: { kind: 'person', id: 'p9', name: people[9].name }, at: start + 7 * MIN, device: '滨河实践站电脑', operator: '刘样', here: false }] : [], lost: false,
  }
  const add = (at: number, kind: Order['history'][number]['kind'], device: string, operator: string, more: Partial<Order['history'][number]> = {}) => { if (at) o.history.push({ at, kind, device, operator, name: party.name, text: '', code: '', stars: 0, minutes: 0, ...more }) }
  add(o.made, 'post', '滨河实践站电脑', '刘样', { code: via })
  add(o.offeredAt, 'offer', '1 号电脑', '陈样', { code: party.kind })
  if (rank > 1) add(o.made + 15 * MIN, 'reply', '1 号电脑', '陈样', { text: '收到了，会尽快派人到家中维修' })
  if (rank > 1) add(o.contactAt, 'accept', party.kind === 'merchant' ? '惠民水电行收银机' : '滨河实践站电脑', party.kind === 'merchant' ? '孙样' : '')
  add(o.doneAt, 'done', '滨河实践站电脑', '', { minutes: 25 })
  add(o.reviewedAt, 'review', '滨河实践站电脑', o.reviewVia === 'callback' ? '陈样' : '', { stars: o.stars, text: o.praise, code: o.reviewVia })
  return o
}

function someProjects(): Project[] {
  const list: [string, string, number, number, number, number, Project['prune']][] = [['上门理发', '理发', 38, 47, 21, 41, ''], ['义诊量血压', '健康', 31, 49, 18, 37, ''], ['家电维修', '维修', 27, 48, 12, 22, ''], ['代买药品', '代办', 19, 46, 7, 15, ''], ['手机课堂', '教育', 12, 44, 9, 11, ''], ['戏曲专场', '文体', 4, 26, 1, 2, 'bad'], ['集邮展览', '文体', 0, 0, 0, 0, 'unused']]
  return list.map(([name, type, orders, stars, likes, votes, prune], n) => ({ id: `j${n}`, name, type, note: n === 0 ? '行动不便的老人，每月一次，自带工具。' : '', item: 'B2', closed: false, made: at(1, 9), orders, served: Math.floor(orders * 0.92), reviews: Math.floor(orders * 0.8), stars, last: orders ? at(24, 10) : 0, likes, votes, prune, liked: n === 1, popular: n < 5 }))
}

function score(kind: Score['kind'], name: string, n: number): Score {
  return { kind, id: name, name, orders: n, declined: Math.floor(n / 9), done: Math.floor(n * 0.9), toOffer: n ? (5 + (n % 4)) * MIN : 0, toContact: n ? (19 + (n % 13)) * MIN : 0, toDone: n ? (46 + (n % 31)) * MIN : 0, quickCall: n ? 92 - (n % 20) : 0, quickDone: n ? 78 - (n % 30) : 0, reviews: Math.floor(n * 0.8), callbacks: Math.floor(n / 4), stars: n ? 49 - (n % 6) : 0 }
}

function performance(people: Person[]): Performance {
  return { all: score('all', '', 86), cancelled: 3, parties: [score('team', '银发互助队', 31), score('merchant', '惠民水电行', 24), score('person', people[2].name, 18), score('team', '妇联志愿服务队', 9), score('person', people[7].name, 4)], staff: [score('staff', '陈样', 52), score('staff', '刘样', 34)], grid: [score('grid', '李网格', 14)] }
}

function someJobs(people: Person[]): Job[] {
  return [2, 5, 8].map((n, i): Job => {
    const o = made(people, n)
    return { id: o.id, offer: `f${n}`, state: (['offered', 'serving', 'closed'] as const)[i], type: o.type, project: '', masked: o.masked, text: o.text, address: i === 2 ? '' : o.address, phone: i === 1 ? '' : people[n].phone, locked: false, made: o.made, offeredAt: o.made + 6 * MIN, answerAt: i ? o.made + 22 * MIN : 0, doneAt: i === 2 ? o.made + 52 * MIN : 0, stars: i === 2 ? 5 : 0, replies: i === 1 ? [{ at: o.made + 23 * MIN, kind: 'reply', device: '', operator: '孙样', name: '', text: '师傅 11 点前到', code: '', stars: 0, minutes: 0 }] : [] }
  })
}
