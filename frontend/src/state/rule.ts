import type { Item } from '@/bridge/api'
import { daysOf, timed } from '@/words/item'
import { useWords } from './words'

// A rule in the words of a resident: how it is counted, what bounds it, what it asks for.
export function useRule() {
  const { t, num } = useWords()
  function how(i: Item): string {
    const points = num(i.points)
    if (timed(i)) return t('scheme.how.time', { minutes: i.minutes, points }) + (i.round ? ` · ${t(`scheme.round.${i.round}`)}` : '')
    if (i.kind === 'piece' || i.kind === 'donate') return t('scheme.how.piece', { per: i.per > 1 ? num(i.per) : '', unit: i.unit || t(i.kind === 'donate' ? 'scheme.yuan' : 'scheme.piece'), points })
    if (i.kind === 'often') return t('scheme.how.often', { points, span: t(`scheme.span.${i.span || 'week'}`), times: i.times })
    return t(`scheme.how.${i.kind}`, { points })
  }
  const caps = (i: Item) => ([['day', i.dayCap], ['week', i.weekCap], ['month', i.monthCap], ['year', i.yearCap]] as const).filter(([, n]) => n > 0).map(([span, n]) => t('scheme.cap', { span: t(`scheme.span.${span}`), n: num(n) })).join('，')
  const hard = (i: Item) => [i.harder ? t('scheme.hard', { word: t('scheme.harder'), n: i.harder }) : '', i.hardest ? t('scheme.hard', { word: t('scheme.hardest'), n: i.hardest }) : ''].filter(Boolean).join('，')
  const marks = (i: Item) => [i.witness && t('scheme.mark.witness'), i.review && t('scheme.mark.review'), daysOf(i) && t(i.kind === 'deduct' ? 'scheme.mark.appeal' : 'scheme.mark.notice', { n: daysOf(i) }), i.self && t('scheme.mark.self'), i.lead && t('scheme.mark.lead')].filter((s): s is string => !!s)
  return { how, caps, hard, marks }
}
