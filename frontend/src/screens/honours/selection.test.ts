import { describe, expect, it } from 'vitest'
import type { Nominee } from '@/bridge/api'
import { stepOf, STEPS, suggested } from './selection'

const nominees = (votes: number[]) => votes.map((v, n) => ({ line: n + 1, votes: v, gone: false })) as Nominee[]

describe('selection', () => {
  it('suggests those with most votes, and nobody of equals at the end', () => {
    expect(suggested(nominees([1, 9, 5, 5]), 2)).toEqual({ lines: [2], tie: true })
    expect(suggested(nominees([1, 9, 5, 5]), 3)).toEqual({ lines: [2, 3, 4], tie: false })
    expect(suggested(nominees([0, 2, 0]), 2)).toEqual({ lines: [2], tie: false })
  })
  it('knows the step of every state', () => {
    expect(STEPS).toHaveLength(7)
    expect([stepOf('nominate'), stepOf('due'), stepOf('honoured'), stepOf('dropped')]).toEqual([0, 4, 6, -1])
  })
})
