import type { HonourStats, HonourTable, Standing } from '../api'

// Levels and benefits of the pretended community.
export const table = (): HonourTable => ({
  levels: [
    { id: 'l2', name: 'A级信用户', points: 60, benefits: [{ id: 'b2', name: '免费理发', unit: '次', n: 2, place: '' }] },
    { id: 'l3', name: 'AA级信用户', points: 120, benefits: [] },
    { id: 'l1', name: 'AAA级信用户', points: 180, benefits: [{ id: 'b1', name: '免费就餐', unit: '次', n: 10, place: '' }, { id: 'b3', name: '健康体检', unit: '次', n: 1, place: '' }] },
  ],
})

export function stats(t: HonourTable, registrar: boolean): HonourStats {
  const have = [203, 151, 108]
  return {
    period: '2026', people: 1306, households: 828, issued: 12_385, redeemed: 11_200, share: 904, left: 1185, registrar,
    levels: t.levels.map((l, i) => ({ id: l.id, name: l.name, points: l.points, people: have[i] ?? 0, peopleShare: Math.round(((have[i] ?? 0) * 1000) / 1306), households: have[i] ?? 0, householdShare: Math.round(((have[i] ?? 0) * 1000) / 828) })),
  }
}

export function standing(t: HonourTable, year: number, at: number, staff: boolean, used: number): Standing {
  const level = t.levels.filter((l) => l.points <= year).at(-1)
  const next = t.levels.find((l) => l.points > year)
  const rung = (l?: HonourTable['levels'][number], when = 0) => (l ? { id: l.id, name: l.name, points: l.points, at: when } : null)
  const mine = t.levels.filter((l) => l.points <= year).flatMap((l) => l.benefits)
  return {
    level: staff ? rung(level, at) : null, next: staff ? rung(next) : null, missing: staff && next ? next.points - year : 0,
    benefits: mine.map((b) => ({ id: b.id, name: b.name, unit: b.unit, place: b.place, ours: true, given: b.n, used: b.id === 'b1' ? used : 0, left: staff ? b.n - (b.id === 'b1' ? used : 0) : -1, here: b.id === 'b1' ? Math.max(0, 5 - used) : b.n })),
  }
}
