import type { Speak } from '@/i18n'
import { clock, isoDay } from '@/words/format'

interface Alarmed { code: string; name: string; params: Record<string, unknown> }

// alarmTitle is the sentence of an alarm: the program sends a code and what it
// knows.
export function alarmTitle(a: Alarmed, t: Speak): string {
  const p: Record<string, unknown> = { ...a.params, name: a.name }
  if (a.code === 'clock') p.way = t(a.params.ahead ? 'alarm.clock.fast' : 'alarm.clock.slow')
  for (const moment of ['made', 'until', 'last', 'at']) {
    if (moment in a.params) p[moment] = `${isoDay(Number(a.params[moment]))} ${clock(Number(a.params[moment]))}`
  }
  if (a.code === 'copied' && a.params.decided) return t(a.params.decided === 'stopped' ? 'alarm.copied.decidedStopped' : 'alarm.copied.decidedRunning', p)
  if (a.code === 'sold') return t(`alarm.sold.${a.params.n ? String(a.params.how) : 'vouchers'}`, p)
  return t(`alarm.${a.code}.${a.params.settled ? 'settled' : 'title'}`, p)
}

// alarmSafe and alarmDo are the sentences below it.
export function alarmSafe(a: Alarmed, t: Speak): string {
  if (a.code === 'fork' && a.params.over) return `${t('alarm.fork.safe')} ${t('alarm.fork.over', a.params)}`
  if (a.code !== 'sold') return t(`alarm.${a.code}.safe`, a.params)
  return `${t('alarm.sold.safe')} ${t(a.params.lost ? 'alarm.sold.lossIs' : 'alarm.sold.lossNone', a.params)}`
}
export function alarmDo(a: Alarmed, t: Speak): string {
  if (a.code === 'copied' && a.params.decided) return t(a.params.decided === 'stopped' ? 'alarm.copied.waitStopped' : 'alarm.copied.waitRunning')
  if (a.code === 'doubled' && a.params.lost) return t('alarm.doubled.doLost', a.params)
  if (a.code === 'sold') return t(`alarm.sold.${!a.params.lost ? 'doNone' : a.params.how === 'revoked' ? 'doRevoked' : 'doMain'}`, a.params)
  return t(`alarm.${a.code}.do`, { ...a.params, name: a.name })
}

// copySeen says of one of two copies when and where it was last seen, so that somebody
// knows which is which.
export function copySeen(a: Alarmed, which: 'running' | 'stopped', t: Speak, when: (at: number) => string): string {
  const at = Number(a.params[`${which}At`] ?? 0)
  const addr = String(a.params[`${which}Addr`] ?? '')
  let seen = at ? t('alarm.copied.seenAt', { at: when(at) }) : t('alarm.copied.seenNever')
  if (which === 'running' && a.params.online) seen = t('alarm.copied.seenOnline')
  return addr ? t('alarm.copied.seenWhere', { addr, seen }) : seen
}
