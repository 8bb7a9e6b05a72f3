import { describe, expect, it } from 'vitest'
import { blankItem, changes, nextCode, problem, worth } from './item'

describe('rules', () => {
  it('reckon as the program does', () => {
    const half = blankItem({ kind: 'time', points: 1, minutes: 30 })
    expect([29, 30, 60, 105].map((minutes) => worth(half, { minutes }))).toEqual([0, 1, 2, 3])
    expect(worth({ ...half, round: 'half' }, { minutes: 45 })).toBe(2)
    expect(worth({ ...half, round: 'up' }, { minutes: 31 })).toBe(2)
    expect(worth(blankItem({ kind: 'donate', points: 2, per: 100 }), { count: 350 })).toBe(6)
    expect(worth(blankItem({ kind: 'deed', points: 3, harder: 150, hardest: 200 }), { count: 2, hard: 1 })).toBe(9)
    expect(worth(blankItem({ kind: 'base', points: 100 }), {})).toBe(0)
    expect(worth(blankItem({ kind: 'deduct', points: 3 }), { count: 9 })).toBe(3)
  })
  it('tell what a new version changes', () => {
    const a = blankItem({ code: 'A01', name: '清扫' })
    const b = blankItem({ code: 'A02', name: '巡逻' })
    const got = changes([a, b], [{ ...a, points: 5 }, blankItem({ code: 'A03', name: '理发' })])
    expect(got.map((c) => [c.kind, c.item.code, c.fields])).toEqual([['changed', 'A01', ['points']], ['new', 'A03', []], ['gone', 'A02', []]])
    expect(changes([a, b], [a, b])).toEqual([])
  })
  it('get codes that nothing had', () => {
    const items = [blankItem({ code: 'HJ01', group: '环境' }), blankItem({ code: 'HJ09', group: '环境' })]
    expect(nextCode(items, '环境')).toBe('HJ10')
    expect(nextCode(items, '教育')).toBe('B01')
  })
  it('name what is missing', () => {
    expect(problem([blankItem({ code: 'A', name: 'x' }), blankItem({ code: 'B', name: 'y', kind: 'mutual', minutes: 60 })])).toEqual({ n: 2, key: 'monthCapMissing', code: 'B' })
    expect(problem([blankItem({ code: 'A', name: 'x' })])).toBeNull()
    expect(problem([blankItem({ code: 'A', name: 'x', points: 2.5 })])?.key).toBe('pointsMissing')
    expect(problem([blankItem({ code: 'A', name: 'x', dayCap: 1.5 })])?.key).toBe('notWhole')
    expect(problem([blankItem({ code: 'A', name: 'x', yearCap: -1 })])?.key).toBe('notWhole')
  })
})
