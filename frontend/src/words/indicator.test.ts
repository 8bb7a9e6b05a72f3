import { describe, expect, it } from 'vitest'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { addMonths, change, figure, INDICATORS, monthsOf, spanAt } from './indicator'

describe('indicators', () => {
  it('are those that the program reports', () => {
    const go = readFileSync(join(__dirname, '../../../app/report/indicator.go'), 'utf8')
    const known = [...go.matchAll(/^\t\{"(\w+)"/gm)].map((m) => m[1])
    const sums = ['contacted', 'contactMinutes', 'doneMinutes', 'reviews', 'stars'] // only rates show them
    expect([...INDICATORS.map((i) => i.code), ...sums].sort()).toEqual([...known].sort())
  })
  it('are written by their unit', () => {
    expect(figure({ code: 'redeemRate', unit: 'percent', rate: true }, {}, { redeemRate: 629 }, 'zh')).toBe('62.9%')
    expect(figure({ code: 'redeemRate', unit: 'percent', rate: true }, {}, { redeemRate: -1 }, 'zh')).toBe('–')
    expect(figure({ code: 'minutes', unit: 'minutes' }, { minutes: 1_339_150 }, {}, 'zh')).toBe('22,319 小时')
    expect(figure({ code: 'owed', unit: 'fen' }, { owed: 3_249_850 }, {}, 'zh')).toBe('32,498.50')
    expect(figure({ code: 'satisfaction', unit: 'stars', rate: true }, {}, { satisfaction: 47 }, 'zh')).toBe('4.7')
  })
})

describe('spans', () => {
  it('are whole quarters and years', () => {
    expect(spanAt('2026-11', 'quarter')).toEqual({ from: '2026-10', to: '2026-12' })
    expect(spanAt('2026-11', 'year')).toEqual({ from: '2026-01', to: '2026-12' })
    expect(monthsOf('2025-12', '2026-02')).toEqual(['2025-12', '2026-01', '2026-02'])
    expect(addMonths('2026-01', -1)).toBe('2025-12')
  })
  it('compare what was entered by hand', () => {
    expect(change({ name: '', before: 100, now: 91 })).toBe('−9.0%')
    expect(change({ name: '', before: 0, now: 5 })).toBe('')
  })
})
