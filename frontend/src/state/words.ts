import { useI18n } from 'vue-i18n'
import * as format from '@/words/format'
import { periodWords } from '@/i18n/period'
import { useApp } from './app'

// useWords gives a screen its sentences and its way of writing times, bound
// to the language and the clock in use.
export function useWords() {
  const app = useApp()
  const { t } = useI18n()
  return {
    t, app, num: format.num, signed: format.signed, codeText: format.code, pieces: format.pieces, clock: format.clock, shortDay: format.shortDay,
    day: (at: number) => format.day(at, app.lang),
    weekday: (at: number) => format.weekday(at, app.lang),
    when: (at: number) => format.when(at, app.now, app.lang),
    date: (at: number) => format.date(at, app.now, app.lang),
    span: (minutes: number) => format.span(minutes, app.lang),
    since: (at: number) => format.ago(app.now - at, app.lang),
    period: periodWords,
    isToday: (at: number) => format.dayDistance(at, app.now) === 0,
  }
}
