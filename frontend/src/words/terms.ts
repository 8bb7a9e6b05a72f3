import type { Term } from '@/bridge/api'

// What a place takes off a purchase. The program reckons the same (app/shop/terms.go) and has
// the last word; app/shop/testdata/terms.json holds both to one answer.
export interface Less<T extends Term = Term> { term: T; n: number }

function off(x: Term, pieces: { points: number; n: number }[]): number {
  const total = pieces.reduce((sum, p) => sum + p.points * p.n, 0)
  const less = x.percent ? Math.floor((total * x.percent) / 100) : pieces.reduce((sum, p) => sum + Math.min(x.points, p.points) * p.n, 0)
  return Math.max(0, Math.min(less, total - 1)) // one point is always paid
}

export function bestOff<T extends Term>(terms: T[], pieces: { points: number; n: number }[]): Less<T> | null {
  let best: Less<T> | null = null
  for (const term of terms) {
    const n = off(term, pieces)
    if (n > (best?.n ?? 0)) best = { term, n }
  }
  return best
}

// 10 % off is 9 折, 15 % are 8.5 折.
export const zhe = (percent: number) => String((100 - percent) / 10)

// offNumber is the number in a discount's words.
export const offNumber = (x: Term, lang: string) => (!x.percent ? String(x.points) : lang === 'zh' ? zhe(x.percent) : String(x.percent))
