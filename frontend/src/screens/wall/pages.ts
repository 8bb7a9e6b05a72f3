import type { Posted, Wall } from '@/bridge/api'

export type ListKind = 'activities' | 'honours' | 'ranking' | 'red' | 'yellow'
export type WallPage = { kind: 'notice'; notice: Posted } | { kind: 'month' } | { kind: ListKind }

const LISTS = ['honours', 'ranking', 'red', 'yellow'] as const

// pagesOf is what the wall shows, in its order: nothing that is empty, and the notices
// between the rest, so that none of them waits for all others.
export function pagesOf(w: Wall): WallPage[] {
  const rest: WallPage[] = [...(w.activities.length ? [{ kind: 'activities' as const }] : []), { kind: 'month' }, ...LISTS.filter((k) => w[k].length).map((kind) => ({ kind }))]
  const notices: WallPage[] = w.notices.map((notice) => ({ kind: 'notice', notice }))
  const out: WallPage[] = []
  for (let n = 0; n < Math.max(rest.length, notices.length); n++) {
    if (notices[n]) out.push(notices[n])
    if (rest[n]) out.push(rest[n])
  }
  return out
}

// stayOf is how many seconds a page with a text on it stands: its turn, or as long as an elder
// needs to read that much, where that is longer. A Chinese sign takes as long as three letters.
export function stayOf(text: string, parts: number, turn: number): number {
  const signs = [...text].reduce((n, c) => n + (c.codePointAt(0)! >= FIRST_SIGN ? 1 : 1 / 3), 0)
  return turn * Math.max(1, signs / Math.max(1, parts) / READ_IN_A_TURN)
}
const FIRST_SIGN = 0x2e80 // from here on Unicode has the signs of East Asia
const READ_IN_A_TURN = 84 // signs: seven a second for twelve seconds, as somebody reads who reads slowly
