import type { AboveRequest } from '../api'
import type { Handlers } from './calls'
import { NOW } from './world'

type Above = 'above.look' | 'above.name' | 'above.request' | 'above.read' | 'above.appoint' | 'above.takeOver'
const FINGERPRINT = '4821 0937 6650 1284 3319'
const LENGTH = 12 // of what is taken for a text that somebody pasted

// The level above, as it answers somebody who does everything right.
export function aboveCalls(registrar: boolean, no: (code: string) => never): Pick<Handlers, Above> {
  let name = '迎泽街道'
  const asked: AboveRequest = { text: `JSQ1:${'hAFYIK3mQ2c0bG9w'.repeat(14)}`, community: '滨河社区', device: '滨河实践站电脑', made: NOW, fingerprint: FINGERPRINT }
  return {
    'above.look': () => ({ registrar, name, fingerprint: name && FINGERPRINT }),
    'above.name': ({ text }) => { name = text ? '迎泽街道' : ''; return {} },
    'above.request': () => asked,
    'above.read': ({ text }) => (text.length < LENGTH ? no('above.request.bad') : asked),
    'above.appoint': ({ fingerprint }) => (fingerprint.replace(/\D/g, '') === FINGERPRINT.replace(/\D/g, '') ? { text: `JSA1:${'iAFYIM9xR7d1cH8v'.repeat(12)}` } : no('above.fingerprint')),
    'above.takeOver': ({ text }) => (text.length < LENGTH ? no('above.appointment.bad') : {}),
  }
}
