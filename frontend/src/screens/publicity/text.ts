import type { Minutes } from '@/bridge/api'

type Speak = (key: string, params?: Record<string, string | number>) => string

// bodyOf is what a notice says of a meeting: how many came, and what was decided.
export function bodyOf(t: Speak, m: Minutes, date: string): string {
  const head = t('publicity.council.bodyHead', { date, title: m.title, n: m.came })
  const lines = m.matters.map((x, i) => t('publicity.council.bodyLine', { n: i + 1, title: x.title, decision: x.decision }) + (voted(x) ? t('publicity.council.bodyVotes', { for: x.for, against: x.against, abstain: x.abstain }) : ''))
  return [head, ...lines].join('\n')
}

// What got no more votes than went against it was turned down: nothing of it is to be done.
export const turnedDown = (x: { for: number; against: number; abstain: number }) => voted(x) && x.for <= x.against
export const voted = (x: { for: number; against: number; abstain: number }) => x.for + x.against + x.abstain > 0
