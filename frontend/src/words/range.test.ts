import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { RANGES, fits } from './range'

describe('ranges', () => {
  it('take whole numbers up to both ends', () => {
    for (const n of [1, 2, 10_000]) expect(fits(n, RANGES.places), String(n)).toBe(true)
    for (const n of [0, -1, 10_001, 1.5, NaN, Infinity, 1e300]) expect(fits(n, RANGES.places), String(n)).toBe(false)
  })
  it('are those of the program', () => {
    const go = (path: string, name: string) => Number(new RegExp(`${name} += ([\\d_]+)`).exec(readFileSync(join(__dirname, '../../..', path), 'utf8'))?.[1].replace(/_/g, ''))
    expect(go('app/shop/record.go', 'maxPoints')).toBe(RANGES.offerPoints.max)
    expect(go('app/shop/record.go', 'maxPieces')).toBe(RANGES.pieces.max)
    expect(go('app/shop/record.go', 'maxMinimum')).toBe(RANGES.pieces.max)
    expect(go('app/activity/record.go', 'maxPlaces')).toBe(RANGES.places.max)
  })
})
