import type { Calls, Minutes, Notice, Person, Proposal, Seat } from '../api'
import { DAY } from '@/words/format'
import type { Wish } from './calls'
import { NOW, activities } from './world'

const notice = (id: string, n: Partial<Notice>): Notice => ({ id, kind: 'notice', title: '', body: '', contact: '社区办公室 0351-0000000', grid: '', from: NOW - DAY, until: NOW + 6 * DAY, about: '', made: NOW - DAY, by: '陈样', off: 0, reason: '', state: 'force', ...n })
export const notices: Notice[] = [
  notice('n1', { kind: 'result', title: '给院里添几条长椅的议事结果', body: '3月25日召开三月议事会，23 人到会，议定：\n1. 添长椅：在 2 号院、5 号院各添三条（赞成 19，反对 2，弃权 2）\n2. 楼道堆物：四月第一个周末集中清理', about: 'm1' }),
  notice('n2', { kind: 'publicity', title: '一季度“孝老爱亲”加分公示', body: '经评议小组审核，下列居民一季度“孝老爱亲”各加 20 分：\n张*芳、李*国、王*强、赵*民。' }),
  notice('n3', { title: '3月28日停水通知', body: '因管道检修，3月28日 9:00 到 16:00 和平里一网格停水，请提前储水。', grid: 'g1', until: NOW + 2 * DAY }),
  notice('n6', { title: '四月结算改到 5 号', body: '清明放假，四月的结算改到 4月5日。请各店在 4月3日前核对自己的兑换单。', grid: '@merchants' }),
  notice('n4', { kind: 'praise', title: '表彰二月之星', body: '孙*英陪伴独居老人 12 次，评为二月之星。', from: NOW - 30 * DAY, until: NOW - 20 * DAY, state: 'over' }),
  notice('n5', { title: '周末义诊改期', body: '义诊改到 4月5日。', off: NOW - 2 * DAY, reason: '日期写错了', state: 'withdrawn' }),
]
notices.push(notice('n7', { title: '楼道堆物和电动自行车充电整改办法及居民提出意见的期限', body: ['为了消除消防隐患，三月议事会议定了楼道堆物和电动自行车充电的整改办法，现在向全体居民公布：', ...['楼道、楼梯间和安全出口不得堆放纸箱、旧家具、花盆等物品。四月第一个周末集中清理，家里没有人手的老人可以提前告诉网格员，由志愿者帮忙搬运。', '电动自行车和电池不得进楼入户充电。2 号院、5 号院新装的充电桩四月一日起可以使用，刷卡、扫码都行，价格贴在桩上。', '清理和劝导按服务时长记分，每半小时 1 分，由楼长和网格员在现场登记。', '整改以后由议事会成员分片检查，结果每月公示一次；连续两次没有改正的，按积分细则扣分，扣分之前先告知本人，本人可以申诉。', '对办法有意见的居民，可以在手机上写居民建议，也可以到社区办公室当面说，四月议事会统一答复。'].map((x, n) => `${n + 1}. ${x}`), '请大家互相转告，一起把院子收拾好。'].join('\n') }))

type Names = 'wall.get' | 'publicity.list' | 'publicity.shown' | 'publicity.post' | 'publicity.withdraw' | 'council.list' | 'council.get' | 'council.enter' | 'council.strike' | 'council.act' | 'council.seats' | 'council.seat' | 'council.unseat' | 'council.proposals' | 'council.propose' | 'council.reply'

export const proposal = (n: number, more: Partial<Proposal>): Proposal => ({ id: `q${n}`, person: '', name: '', masked: '', via: 'phone', by: '', at: NOW - n * DAY, text: ['社区长椅有些少，老人晒太阳不方便。', '3 号院的路灯晚上不亮，孩子下晚自习怕黑。', '希望周末也能借读书角。'][n % 3], state: '', replies: [], ...more })

// Notices and minutes, made up from the pretended people.
export function publicityCalls(wish: Wish, people: Person[]): Pick<{ [K in keyof Calls]: (p: Calls[K][0]) => Calls[K][1] }, Names> {
  const list = wish.empty ? [] : [...notices]
  const meeting = (id: string, m: Partial<Minutes>): Minutes => ({ id, title: '三月议事会', at: NOW - DAY, place: '社区会议室', came: 23, others: 17, present: people.slice(0, 6).map((p, n) => ({ id: p.id, name: p.name, masked: p.masked, member: n < 4, role: n ? '' : '理事长' })), members: 6, absent: people.slice(6, 8).map((p) => ({ id: p.id, name: p.name, masked: p.masked, member: true, role: '' })), matters: [
    { title: '给院里添几条长椅', decision: '在 2 号院、5 号院各添三条，从社区经费里出', for: 19, against: 2, abstain: 2, done: NOW - 3_600_000, action: '六条长椅已经安好', proposal: 'q0' },
    { title: '楼道堆物', decision: '四月第一个周末集中清理，志愿者按小时记分', for: 0, against: 0, abstain: 0, done: 0, action: '' },
  ], made: NOW - DAY, by: '陈样', off: 0, reason: '', notices: list.filter((n) => n.about === id), ...m })
  const meetings = wish.empty ? [] : [meeting('m1', {}), meeting('m2', { title: '二月积分评议', at: NOW - 28 * DAY, came: 11, others: 5, off: NOW - 27 * DAY, reason: '票数记错了' })]
  const seats: Seat[] = wish.empty ? [] : people.slice(0, 9).map((p, n) => ({ id: `s${n}`, person: p.id, name: p.name, masked: p.masked, role: ['理事长', '副理事长', '居民代表', ''][Math.min(n, 3)], from: NOW - 400 * DAY, until: n === 7 ? NOW - 60 * DAY : NOW + 695 * DAY, reason: n === 7 ? '搬到别的社区了' : '', made: NOW - 400 * DAY, by: '陈样', state: n === 7 ? 'over' : 'force' }))
  const proposals = wish.empty ? [] : [proposal(1, {}), proposal(0, { state: 'done', replies: [{ at: NOW - 20 * DAY, state: 'council', text: '三月议事会上议。', by: '陈样' }, { at: NOW - DAY, state: 'done', text: '2 号院、5 号院各添了三条。', by: '陈样' }], decision: { minutes: 'm1', meeting: '三月议事会', at: NOW - DAY, matter: meetings[0].matters[0] } }), proposal(2, { via: 'desk', by: '陈样', state: 'council', replies: [{ at: NOW - DAY, state: 'council', text: '四月议事会上议。', by: '陈样' }] })].map((p, n) => ({ ...p, person: people[n].id, name: people[n].name, masked: people[n].masked }))
  return {
    'council.seats': () => ({ seats: seats.map((s) => ({ ...s })) }),
    'council.seat': ({ person, ...r }) => { const p = people.find((x) => x.id === person)!; seats.unshift({ id: `s${seats.length + 9}`, person, name: p.name, masked: p.masked, reason: '', made: NOW, by: '陈样', state: 'force', ...r }); return { id: seats[0].id } },
    'council.unseat': ({ id, at, reason }) => { Object.assign(seats.find((s) => s.id === id)!, { until: at, reason, state: 'over' }); return {} },
    'council.proposals': () => ({ rows: proposals.map((p) => ({ ...p })) }),
    'council.propose': ({ person, text }) => { const p = people.find((x) => x.id === person)!; proposals.unshift({ ...proposal(0, { id: `q${proposals.length + 9}`, via: 'desk', by: '陈样', text }), person, name: p.name, masked: p.masked }); return { id: 'q9' } },
    'council.reply': ({ id, state, text }) => { const p = proposals.find((x) => x.id === id)!; p.state = state; p.replies = [...p.replies, { at: NOW, state, text, by: '陈样' }]; return {} },
    'wall.get': () => ({ notices: list.filter((n) => n.state === 'force' && !n.grid), activities: wish.empty ? [] : activities.filter((a) => a.end > NOW && a.state !== 'cancelled').slice(0, 8).map((a) => ({ title: a.title, start: a.start, end: a.end, place: a.place, free: a.places ? a.places - a.confirmed : -1 })), month: '2026-03', awarded: wish.empty ? 0 : 4_286, redeemed: wish.empty ? 0 : 1_937, minutes: wish.empty ? 0 : 25_680, volunteers: wish.empty ? 0 : 312,
      honours: wish.empty ? [] : people.slice(0, 5).map((p, n) => ({ masked: p.masked, level: n % 2 ? 'AA级信用户' : 'AAA级信用户', at: NOW - n * DAY })), ranking: wish.empty ? [] : people.slice(0, 8).map((p, n) => ({ rank: n + 1, masked: p.masked, points: 198 - 17 * n })), red: [], yellow: [] }),
    'publicity.list': ({ all }) => ({ notices: list.filter((n) => all || n.state === 'force') }),
    'publicity.shown': () => ({ notices: list.filter((n) => n.state === 'force' && (!n.grid || n.grid === '@merchants')) }),
    'publicity.post': ({ names, ...r }) => { if (r.body.includes('张秀芳') && !names) throw { code: 'publicity.names', params: { names: '张*芳' } }; list.unshift(notice(`n${list.length + 1}`, { ...r, made: NOW })); return { id: list[0].id } },
    'publicity.withdraw': ({ id, reason }) => { Object.assign(list.find((n) => n.id === id)!, { off: NOW, reason, state: 'withdrawn' }); return {} },
    'council.list': () => ({ meetings: meetings.map((m) => ({ ...m, present: [] })) }),
    'council.get': ({ id }) => meetings.find((m) => m.id === id)!,
    'council.enter': () => ({ id: 'm1' }),
    'council.strike': ({ id, reason }) => { Object.assign(meetings.find((m) => m.id === id)!, { off: NOW, reason }); return {} },
    'council.act': ({ id, matter, text }) => { Object.assign(meetings.find((m) => m.id === id)!.matters[matter], { done: NOW, action: text }); return {} },
  }
}
