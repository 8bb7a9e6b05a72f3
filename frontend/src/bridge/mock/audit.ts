import type { AuditRow, Calls, Person } from '../api'
import { at, MIN, NOW } from './world'

// Who did what, and receipts of erasures, made up from the pretended people.
const KINDS = ['award', 'deduct', 'correct', 'redeem', 'stock', 'people', 'view', 'export', 'erase', 'decide', 'activity', 'order', 'shop', 'scheme', 'govern', 'operator', 'settle', 'paper', 'rights']
const DONE: [kind: string, action: string, item: string, points: number][] = [
  ['award', 'ledger.award', 'HJ01', 6], ['redeem', 'till.redeem', '', -60], ['people', 'people.update', '', 0], ['view', 'view', '', 0], ['award', 'ledger.award', 'ZZ03', 3], ['decide', 'claim.post', '', 0],
  ['order', 'order.dispatch', '', 0], ['export', 'export', '', 0], ['deduct', 'ledger.deduct', 'KF01', -3], ['activity', 'activity.publish', '', 0], ['correct', 'ledger.undo', '', 60], ['shop', 'till.reserve', '', 0], ['scheme', 'scheme.save', '', 0], ['govern', 'govern.certify', '', 0], ['rights', 'ledger.idle', '', 0],
]
const DEVICES = [{ id: 'd1', name: '1 号电脑' }, { id: 'd2', name: '滨河实践站电脑' }, { id: 'd3', name: '惠民超市收银机' }]

export function auditCalls(empty: boolean, people: Person[], operator: string): Pick<{ [K in keyof Calls]: (p: Calls[K][0]) => Calls[K][1] }, 'audit.list' | 'people.erasures'> {
  const rows: AuditRow[] = empty || !people.length ? [] : Array.from({ length: 137 }, (_, n) => {
    const [kind, action, item, points] = DONE[n % DONE.length]
    const look = kind === 'view' || kind === 'export'
    const about = ['award', 'redeem', 'people', 'view', 'export', 'deduct', 'correct', 'decide'].includes(kind) ? [people[n % people.length]].map((p) => ({ id: p.id, name: p.name, masked: p.masked })) : []
    return { at: NOW - n * 23 * MIN, kind, action, operator: kind === 'rights' ? '' : n % 4 === 2 ? '李样' : operator, device: look ? DEVICES[0].name : DEVICES[n % 3].name, item, version: item ? 3 : 0, points, law: look ? '' : '1.42', people: about, more: kind === 'activity' ? 12 : 0, hash: look ? '' : String(n).padStart(64, '0'), doc: look ? '' : 'people/03', unseen: n === 9 }
  })
  return {
    'audit.list': (f) => {
      const found = rows.filter((r) => (!f.kind || r.kind === f.kind) && (!f.operator || r.operator === f.operator) && (!f.device || r.device === DEVICES.find((d) => d.id === f.device)?.name) && (!f.from || r.at >= f.from) && (!f.to || r.at < f.to) && (!f.person || r.people.some((p) => p.id === f.person)))
      return { total: found.length, rows: found.slice(f.offset, f.offset + f.limit), operators: empty ? [] : [operator, '李样'], devices: DEVICES, kinds: KINDS }
    },
    'people.erasures': () => ({ total: empty ? 0 : 2, rows: empty ? [] : [
      { person: '68hsvh8821d72ovjdvnuqsbgm0', at: at(24, 15, 20), operator, done: 5, of: 6, missing: [{ device: 'd6', name: '龙石站电脑', place: '龙石站', online: false, last: at(12, 17, 40) }] },
      { person: 'lsiem5jc7bfu8is8dtbpb3r45o', at: at(9, 10, 5), operator: '李样', done: 6, of: 6, missing: [] },
    ] }),
  }
}
