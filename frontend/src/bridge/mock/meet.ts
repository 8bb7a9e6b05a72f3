import type { Calls, Knocker, Knocking } from '../api'
import { CallFault } from '../fault'

type Names = 'setup.offices' | 'setup.knock' | 'setup.knocking' | 'setup.agree' | 'setup.leave' | 'devices.meet' | 'devices.meeting' | 'devices.meetPick' | 'devices.meetCode'
const CODE = '482913'
const WINDOW_MS = 2 * 60_000

// meetCalls plays both sides: a computer knocks as soon as the window is open, an office
// picks this one as soon as it knocks. joined is called when the office let this one in.
export function meetCalls(joined: () => void): { [K in Names]: (body: Calls[K][0]) => Calls[K][1] } {
  let until = 0
  let tries = 3
  let knockers: Knocker[] = []
  const none: Knocking = { phase: '', code: '', community: '', office: '', role: 'station', place: '', name: '' }
  let knocking = none
  const to = (phase: Knocker['phase']) => { knockers = knockers.map((k, n) => (n === 0 ? { ...k, phase } : k)) }
  return {
    'setup.offices': () => ({ lan: true, offices: [{ id: 'd1', community: '滨河社区', office: '社区办公室 1 号电脑' }] }),
    'setup.knock': ({ name }) => { knocking = { ...none, phase: 'offered', code: CODE, community: '滨河社区', office: '社区办公室 1 号电脑', place: '滨河实践站', name: name || '滨河实践站电脑' }; return {} },
    'setup.knocking': () => knocking,
    'setup.agree': () => { knocking = none; joined(); return {} },
    'setup.leave': () => { knocking = none; return {} },
    'devices.meet': ({ on }) => {
      until = on ? Date.now() + WINDOW_MS : 0
      tries = 3
      knockers = on ? [{ id: 'n1', name: '新电脑', phase: 'waiting', agreed: false, as: '', role: 'station' }, { id: 'n2', name: '李样的笔记本', phase: 'waiting', agreed: false, as: '', role: 'station' }] : []
      return {}
    },
    'devices.meeting': () => ({ left: Math.max(0, until - Date.now()), picks: 3, tries, lan: true, addresses: ['192.168.1.20:8421'], knockers }),
    'devices.meetPick': ({ id, name, role }) => { knockers = [{ ...knockers.find((k) => k.id === id)!, phase: 'compare', as: name, role }]; return {} },
    'devices.meetCode': ({ code }) => {
      if (code.replace(/\s/g, '') !== CODE) throw new CallFault('meet.digits', { left: --tries })
      to('joined')
      return {}
    },
  }
}
