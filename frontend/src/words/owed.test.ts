import { describe, expect, it } from 'vitest'
import { setOff } from './owed'

describe('what is taken off the next settlement', () => {
  it('is nothing while more is redeemed than comes back', () => {
    expect(setOff({ fen: 7800, brought: -3000, later: 26 })).toEqual({ fen: 0, points: 0 })
  })
  it('is what was settled and came back, also between two settlements', () => {
    expect(setOff({ fen: -7500, brought: 0, later: 0 })).toEqual({ fen: 7500, points: 0 })
    expect(setOff({ fen: 0, brought: -7500, later: 0 })).toEqual({ fen: 7500, points: 0 })
    expect(setOff({ fen: 0, brought: 0, later: -50 })).toEqual({ fen: 0, points: 50 })
  })
})
