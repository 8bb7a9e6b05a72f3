import type { Minutes } from '@/bridge/api'

// How many of the council's members came, and whether they are more than half of them.
export function quorumOf(m: Pick<Minutes, 'members' | 'present'>): { members: number; came: number; full: boolean } {
  const came = m.present.filter((p) => p.member).length
  return { members: m.members, came, full: isFull(came, m.members) }
}
export const isFull = (came: number, members: number) => came * 2 > members
