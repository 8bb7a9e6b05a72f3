import type { Speak } from '@/i18n'
import { clock, isoDay } from '@/words/format'

// alarmTitle is the sentence of an alarm: the program sends a code and what it
// knows.
export function alarmTitle(a: { code: string; name: string; params: Record<string, unknown> }, t: Speak): string {
  const p: Record<string, unknown> = { ...a.params, name: a.name }
  if (a.code === 'clock') p.way = t(a.params.ahead ? 'alarm.clock.fast' : 'alarm.clock.slow')
  for (const moment of ['made', 'until', 'last', 'at']) {
    if (moment in a.params) p[moment] = `${isoDay(Number(a.params[moment]))} ${clock(Number(a.params[moment]))}`
  }
  return t(`alarm.${a.code}.${a.params.settled ? 'settled' : 'title'}`, p)
}
