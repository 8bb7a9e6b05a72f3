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
