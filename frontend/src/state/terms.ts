import type { Receipt, Scan, Term } from '@/bridge/api'
import { isoDay } from '@/words/format'
import { offNumber } from '@/words/terms'
import { useWords } from './words'

// Discounts in words: to whom, how much, and what a pass says.
export function useTerms() {
  const { t, app, num } = useWords()
  const termTo = (x: Term & { name?: string }) => (x.level ? x.name || t('pass.gone') : t('pass.lifeOf', { n: num(x.life) }))
  const termOff = (x: Term) => t(x.percent ? 'pass.part' : 'pass.off', { n: offNumber(x, app.lang) })
  // A pass says a level, points earned in all, or both.
  const titleOf = (p: { level: string; life: number }) => [p.level, p.life ? t('pass.lifeOf', { n: num(p.life) }) : ''].filter(Boolean).join(t('common.list'))
  const lessFor = (r: Receipt) => { const who = r.lessLevel || (r.lessLife ? t('pass.lifeOf', { n: num(r.lessLife) }) : ''); return who ? t('pass.given', { who }) : t('pass.givenPlain') }
  function passWords(p: NonNullable<Scan['pass']>, open: boolean): string {
    const said = { name: p.masked, who: titleOf(p), at: isoDay(p.until) }
    return t(!p.off.length ? 'pass.tookNone' : open ? 'pass.tookHere' : 'pass.took', said)
  }
  return { termTo, termOff, titleOf, lessFor, passWords }
}
