import type { Opener, Session, Staff, StaffRole, StaffWaiting } from '../api'
import { CallFault } from '../fault'
import type { Handlers } from './calls'
import { NOW } from './world'

type StaffCalls = Pick<Handlers, Extract<keyof Handlers, `session.${string}` | `operators.${string}`>>
const PIN = '2580' // everybody's

// The people of the pretended device, and who sits there.
export function pretendStaff(first: string, guarded: boolean, locked: boolean, sits: (name: string) => void): { session: () => Session; calls: StaffCalls } {
  const here = { device: 'd1', name: '1 号电脑', here: true }
  const people: Staff[] = guarded ? [
    { id: 'op1', name: first, role: 'lead', until: 0, out: false, keys: [here, { device: 'd4', name: '滨河实践站电脑', here: false }] },
    { id: 'op2', name: '李样', role: 'clerk', until: 0, out: false, keys: [here] },
    { id: 'op3', name: '周样', role: 'witness', until: NOW + 90 * 86_400_000, out: false, keys: [here] },
    { id: 'op4', name: '孙样', role: 'keeper', until: 0, out: false, keys: [{ device: 'd6', name: '惠民超市收银机', here: false }] },
    { id: 'op5', name: '钱样', role: 'clerk', until: 0, out: true, keys: [] },
  ] : []
  let waiting: StaffWaiting[] = guarded ? [{ key: 'k1', id: 'op9', name: '刘样', role: 'clerk', device: '滨河实践站电脑', known: '', at: NOW - 3_600_000 }] : []
  let must = false
  let at = guarded && !locked ? people[0] : null
  let wrong = 0
  const opener = (s: Staff): Opener => ({ id: s.id, name: s.name, role: s.role, waits: false, opens: s.role !== 'witness', locked: false, seconds: 0 })
  const find = (id: string) => people.find((s) => s.id === id) ?? no('operator.unknown')
  const check = (pin: string) => { if (pin !== PIN) no('operator.pin.wrong', { left: 10 - ++wrong }); wrong = 0 }
  function put(id: string, name: string, role: StaffRole) {
    const s: Staff = { id, name, role, until: 0, out: false, keys: [here] }
    people.push(s)
    return s
  }
  return {
    session: () => { const g = must || people.some((s) => s.keys.some((k) => k.here)); return { locked: g && !at, guarded: g, must, id: at?.id ?? '', role: at?.role ?? (g ? '' : 'lead'), signs: !!at, keyed: people.length > 0 } },
    calls: {
      'session.list': () => ({ people: people.filter((s) => !s.out && s.keys.some((k) => k.here)).map(opener) }),
      'session.open': ({ id, pin }) => { const s = find(id); check(pin); at = s; sits(s.name); return {} },
      'session.lock': () => { at = null; return {} },
      'session.touch': () => ({}),
      'session.change': ({ pin }) => { check(pin); return {} },
      'operators.list': () => ({ people: people.map((s) => ({ ...s })), waiting, must, registrar: true }),
      'operators.begin': ({ name }) => { at = put('op1', name, 'lead'); sits(name); return {} },
      'operators.add': ({ id, name, role }) => { if (!people.some((s) => s.id === id)) put(`op${people.length + 10}`, name, role || 'clerk'); return {} },
      'operators.change': ({ id, name, role, until }) => { Object.assign(find(id), { name, role, until, out: false }); return {} },
      'operators.withdraw': ({ id }) => { find(id).out = true; return {} },
      'operators.answer': ({ key }) => { waiting = waiting.filter((w) => w.key !== key); return {} },
      'operators.unlock': () => ({}),
      'operators.rule': (r) => { must = r.must; return {} },
      'operators.recover': () => no('operator.recovery'),
    },
  }
}
function no(code: string, params: Record<string, unknown> = {}): never {
  throw new CallFault(code, params)
}
