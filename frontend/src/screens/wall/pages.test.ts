import { expect, test } from 'vitest'
import { stayOf } from './pages'

test('a page stands for its turn, or as long as its text takes to read', () => {
  expect(stayOf('', 1, 12)).toBe(12)
  expect(stayOf('善'.repeat(84), 1, 12)).toBe(12)
  expect(stayOf('善'.repeat(1200), 4, 12)).toBeCloseTo(12 * 300 / 84)
  expect(stayOf('x'.repeat(1260), 5, 12)).toBeCloseTo(12)
  expect(stayOf('善'.repeat(168), 1, 20)).toBeCloseTo(40)
})
