import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Term } from '@/bridge/api'
import { bestOff, zhe } from './terms'

interface Case { name: string; terms: Partial<Term>[]; pieces: { points: number; n: number }[]; less: number; best: number }
const cases = JSON.parse(readFileSync(join(__dirname, '../../../app/shop/testdata/terms.json'), 'utf8')) as Case[]

it('takes off what the program takes off', () => {
  expect(cases.length).toBeGreaterThan(8)
  for (const c of cases) {
    const terms = c.terms.map((x) => ({ level: '', life: 0, percent: 0, points: 0, ...x }))
    const got = bestOff(terms, c.pieces)
    expect(got?.n ?? 0, c.name).toBe(c.less)
    expect(got ? terms.indexOf(got.term) : -1, c.name).toBe(c.best)
  }
})

it('says percents as tenths', () => {
  expect([10, 15, 5, 99, 50].map(zhe)).toEqual(['9', '8.5', '9.5', '0.1', '5'])
})
