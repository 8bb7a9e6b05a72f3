import type { Fault } from '@/bridge/api'
import { hasWord, speak } from './index'
import { periodWords } from './period'

// Codes hold dots (people.phone.bad); vue-i18n would read them as a path, so
// the sentences are kept under keys with underscores.
export const faultKey = (code: string) => `fault.${code.replace(/\./g, '_')}`

// faultSentence says in words what happened, what is safe and what to do. A
// reason among the parameters chooses a closer sentence. A code without one of
// its own falls back to its subject, then to a general one that names the
// code, so that somebody can ask about it.
export function faultSentence(fault: Fault): string {
  const values: Record<string, unknown> = { ...fault.params, code: fault.params?.code ?? fault.code }
  for (const of of ['role', 'need']) if (hasWord(`staff.role.${values[of]}`)) values[of] = speak(`staff.role.${values[of]}`)
  if (typeof values.period === 'string') values.period = periodWords(values.period)
  if (fault.code === 'call.params') values.field = fieldWord(String(values.field ?? ''))
  const parts = fault.code.split('.')
  const reason = fault.params?.reason
  if (typeof reason === 'string') {
    const key = faultKey([...parts.slice(0, -1), reason].join('.'))
    if (parts.length > 1 && hasWord(key)) return speak(key, values)
  }
  for (let n = parts.length; n > 0; n--) {
    const key = faultKey(parts.slice(0, n).join('.'))
    if (hasWord(key)) return speak(key, values)
  }
  return speak('fault.unknown', { code: fault.code })
}

// fieldWord names a field of a call (items.points) as the screens do; nobody is shown
// the program's own name of it, which stands among the details.
function fieldWord(path: string): string {
  const key = `common.field.${path.split('.').pop()}`
  return hasWord(key) ? `“${speak(key)}”` : speak('common.aField')
}

// refusalWords explains why a change of another device was not accepted, or
// why the device was cut off (broke: reason, times). What
// was refused before there were codes, or by a newer program's rule, gets a
// general sentence.
export function refusalWords(code: string, params: Record<string, string> = {}): string {
  if (code === 'broke') {
    const key = `devices.broke.${params.reason}`
    return speak(hasWord(key) ? key : 'devices.broke.other', params)
  }
  const kind = `fault.qKind_${params.kind ?? 'any'}`
  const what = speak(hasWord(kind) ? kind : 'fault.qKind_any')
  return hasWord(`fault.q_${code}`) ? speak(`fault.q_${code}`, { ...params, what }) : speak('fault.quarantine')
}
