import { describe, expect, it } from 'vitest'
import * as f from './format'

const at = (y: number, m: number, d: number, h = 0, min = 0) => new Date(y, m - 1, d, h, min).getTime()
const NOW = at(2026, 3, 26, 10, 32)

describe('an age', () => {
  it('grows on the birthday, not on new year', () => {
    expect(f.ageOn('1957-03-27', NOW)).toBe(68)
    expect(f.ageOn('1957-03-26', NOW)).toBe(69)
    expect(f.ageOn('1957-12-31', NOW)).toBe(68)
    expect(f.ageOn('2026-03-26', NOW)).toBe(0)
    expect(f.ageOn('', NOW)).toBe(0)
  })
})

describe('numbers', () => {
  it('group by thousands, with a true minus', () => {
    expect(f.num(1239)).toBe('1,239')
    expect(f.num(12556000)).toBe('12,556,000')
    expect(f.num(-20)).toBe('−20')
    expect(f.num(-0)).toBe('0')
    expect(f.signed(3)).toBe('+3')
    expect(f.signed(-1200)).toBe('−1,200')
    expect(f.signed(0)).toBe('0')
  })
  it('money to the fen', () => {
    expect(f.yuan(3249850)).toBe('32,498.50')
    expect(f.yuan(5)).toBe('0.05')
    expect(f.yuan(-50)).toBe('−0.50')
    expect(['1', '1.5', '0.05', '1.', 'x', '1.055', ''].map(f.readYuan)).toEqual([100, 150, 5, -1, -1, -1, -1])
  })
  it('card codes in groups, without a blank at the end', () => {
    expect(f.code('655094953')).toBe('655 094 953')
    expect(f.code('02184471')).toBe('0218 4471')
    expect(f.code('0218 4471')).toBe('0218 4471')
    expect(f.code('')).toBe('')
  })
  it('pieces keep two numbers apart', () => {
    expect(f.pieces(2, '袋')).toBe('2 袋')
    expect(f.pieces(2, '5 公斤')).toBe('2 × 5 公斤')
  })
})

describe('times', () => {
  it('says as little as is clear', () => {
    expect(f.when(NOW, NOW, 'zh')).toBe('10:32')
    expect(f.when(at(2026, 3, 25, 18, 2), NOW, 'zh')).toBe('昨天 18:02')
    expect(f.when(at(2026, 3, 27, 8, 30), NOW, 'zh')).toBe('明天 8:30')
    expect(f.when(at(2026, 3, 23, 17, 40), NOW, 'zh')).toBe('3月23日 17:40')
    expect(f.when(at(2025, 12, 31, 9), NOW, 'zh')).toBe('2025年12月31日 9:00')
    expect(f.when(at(2026, 3, 25, 18, 2), NOW, 'en')).toBe('yesterday 18:02')
    expect(f.when(0, NOW, 'zh')).toBe('')
  })
  it('counts calendar days, not hours', () => {
    expect(f.dayDistance(at(2026, 3, 25, 23, 59), at(2026, 3, 26, 0, 1))).toBe(-1)
    expect(f.dayDistance(at(2026, 3, 26, 23, 59), at(2026, 3, 26, 0, 1))).toBe(0)
  })
  it('spans and ages', () => {
    expect(f.span(92, 'zh')).toBe('1 小时 32 分钟')
    expect(f.span(120, 'zh')).toBe('2 小时')
    expect(f.span(0, 'zh')).toBe('0 分钟')
    expect(f.ago(18 * 60_000, 'zh')).toBe('18 分钟')
    expect(f.ago(2.5 * 3_600_000, 'zh')).toBe('2 小时')
    expect(f.ago(72 * 3_600_000, 'zh')).toBe('3 天')
    expect(f.ago(-5, 'en')).toBe('0 min')
  })
  it('reads a clock as clerks type it', () => {
    for (const text of ['930', '9:30', '09.30', '9：30', '0930']) expect(f.readClock(text)).toBe('09:30')
    expect(f.readClock('8')).toBe('08:00')
    for (const text of ['', '25:00', '9:75', 'x', '12345']) expect(f.readClock(text)).toBe('')
  })
  it('reads a day as clerks type it', () => {
    for (const text of ['3-26', '3.26', '3/26', '3月26日', '0326', '20260326', '2026-3-26', '2026年3月26日', ' 2026-03-26 ']) expect(f.readDay(text, NOW), text).toBe('2026-03-26')
    for (const text of ['', '2-30', '13-1', '3', 'x', '1-2-3-4', '0000-1-1']) expect(f.readDay(text, NOW), text).toBe('')
    for (const text of ['3', '2026-3', '202603', '2026年3月']) expect(f.readDay(text, NOW, true), text).toBe('2026-03')
  })
  it('inputs go there and back', () => {
    expect(f.localInput(NOW)).toBe('2026-03-26T10:32')
    expect(f.fromInput(f.localInput(NOW))).toBe(NOW)
    expect(f.isoDay(NOW)).toBe('2026-03-26')
    expect(f.isoMonth(NOW)).toBe('2026-03')
  })
})

describe('tally', () => {
  it('six are one 正 and a stroke', () => {
    expect(f.tally(6)).toEqual({ full: 1, rest: 1 })
    expect(f.tally(5)).toEqual({ full: 1, rest: 0 })
  })
})
