import { describe, expect, it } from 'vitest'
import type { Line } from '@/bridge/api'
import { aboutDebt, carriedBefore, inBalance } from './line'

const line = (amount: number, balance: number, item = 'A', state: Line['state'] = 'booked', owed = 0, debt = 0) => ({ amount, balance, before: item === 'A' && state === 'booked' ? balance - amount : balance, item, state, owed, debt }) as Line

describe('what was carried over', () => {
  const opening = [line(132, 95, 'openingLifetime'), line(40, 95, 'openingYear'), { ...line(95, 95, 'opening'), before: 0 }]
  it('is nothing before the first line, which brings sums along', () => {
    expect(carriedBefore([line(-5, 90), ...opening])).toEqual({ balance: 0, debt: 0 })
    expect(carriedBefore([])).toEqual({ balance: 0, debt: 0 })
  })
  it('is what there was before the oldest line', () => {
    expect(carriedBefore([line(3, 93), line(-5, 90)])).toEqual({ balance: 95, debt: 0 })
    expect(carriedBefore([{ ...line(-30, 0), before: 10, owed: 20, debt: 24 }])).toEqual({ balance: 10, debt: 4 })
  })
  it('leaves out what is on its way', () => {
    expect(carriedBefore([line(3, 93), line(2, 0, 'A', 'onTheWay')])).toEqual({ balance: 90, debt: 0 })
    expect(inBalance(opening[0])).toBe(false)
    expect(inBalance(opening[2])).toBe(true)
  })
})

describe('what a line says about debts', () => {
  const of = (kind: Line['kind'], amount: number, owed: number) => aboutDebt({ kind, amount, owed })
  it('names what was there and what is owed of what was taken', () => {
    expect(of('undo', -30, 20)).toEqual({ key: 'took', n: 10, debt: 20 })
    expect(of('deduct', -13, 3)).toEqual({ key: 'fined', n: 10, debt: 3 })
    expect(of('undo', -6, 6)).toEqual({ key: 'owes', n: 0, debt: 6 })
  })
  it('names what came back and what is owed no longer', () => {
    expect(of('undo', 14, -4)).toEqual({ key: 'back', n: 10, debt: 4 })
    expect(of('undo', 4, -4)).toEqual({ key: 'less', n: 0, debt: 4 })
    expect(of('undo', 6, 6)).toEqual({ key: 'again', n: 6, debt: 6 })
  })
  it('says nothing of other lines', () => {
    expect(of('award', 6, 0)).toBeNull()
    expect(of('debt', -6, -6)).toBeNull()
  })
})
