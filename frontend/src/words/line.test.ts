import { describe, expect, it } from 'vitest'
import type { Line } from '@/bridge/api'
import { carriedBefore, inBalance } from './line'

const line = (hash: string, amount: number, balance: number, item = 'A', state: Line['state'] = 'booked') => ({ ref: { doc: 'd', seq: 1, hash }, amount, balance, item, state }) as Line

describe('what was carried over', () => {
  const opening = [line('o', 95, 95, 'opening'), line('o', 132, 95, 'openingLifetime'), line('o', 40, 95, 'openingYear')]
  it('is nothing before the first line, which brings sums along', () => {
    expect(carriedBefore([line('b', -5, 90), ...opening])).toBe(0)
    expect(carriedBefore([])).toBe(0)
  })
  it('is the balance before the oldest line', () => {
    expect(carriedBefore([line('c', 3, 93), line('b', -5, 90)])).toBe(95)
  })
  it('leaves out what is on its way', () => {
    expect(carriedBefore([line('', 2, 0, 'A', 'onTheWay'), line('c', 3, 93)])).toBe(90)
    expect(inBalance(opening[1])).toBe(false)
    expect(inBalance(opening[0])).toBe(true)
  })
})
