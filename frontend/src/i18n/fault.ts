import type { Fault } from '@/bridge/api'
import { hasWord, speak } from './index'

// Codes hold dots (people.phone.bad); vue-i18n would read them as a path, so
// the sentences are kept under keys with underscores.
export const faultKey = (code: string) => `fault.${code.replace(/\./g, '_')}`

// faultSentence says in words what happened, what is safe and what to do. A
// code without a sentence of its own falls back to its subject, then to a
// general one that names the code, so that somebody can ask about it.
export function faultSentence(fault: Fault): string {
  const parts = fault.code.split('.')
  for (let n = parts.length; n > 0; n--) {
    const key = faultKey(parts.slice(0, n).join('.'))
    if (hasWord(key)) return speak(key, { ...fault.params, code: fault.code })
  }
  return speak('fault.unknown', { code: fault.code })
}
