import { describe, expect, it } from 'vitest'
import { backAloud, balanceAloud, cameAloud, redeemedAloud, spoken } from './aloud'

describe('numbers aloud', () => {
  it.each([
    [0, '零'], [1, '一'], [2, '两'], [9, '九'], [10, '十'], [12, '十二'], [20, '二十'], [22, '二十二'], [100, '一百'], [102, '一百零二'], [110, '一百一十'], [112, '一百一十二'], [200, '二百'],
    [1000, '一千'], [1001, '一千零一'], [1010, '一千零一十'], [2000, '两千'], [2020, '两千零二十'], [9999, '九千九百九十九'],
    [10_000, '一万'], [10_050, '一万零五十'], [12_345, '一万两千三百四十五'], [20_000, '两万'], [100_000, '十万'], [120_003, '十二万零三'], [1_002_000, '一百万两千'], [100_000_000, '一亿'], [100_000_005, '一亿零五'], [-15, '负十五'],
  ])('%i is %s', (n, said) => expect(spoken(n)).toBe(said))
  it('says every number differently, and none with a digit of Arabic', () => {
    const all = Array.from({ length: 30_000 }, (_, n) => spoken(n))
    expect(new Set(all).size).toBe(all.length)
    expect(all.filter((s) => /[0-9,]|零零|零$/.test(s))).toEqual(['零'])
  })
})

describe('sentences aloud', () => {
  it('says what was redeemed and what is left', () => expect(redeemedAloud(12, 18, 30)).toBe('兑换十二分，还有三十分。'))
  it('says what is here where the balance is not known', () => expect(redeemedAloud(12, 18, null)).toBe('兑换十二分，此处可兑十八分。'))
  it('says a balance', () => {
    expect(balanceAloud(60, 95)).toBe('此处可兑六十分，可用积分九十五分。')
    expect(balanceAloud(60, null)).toBe('此处可兑六十分。')
    expect(balanceAloud(null, 0)).toBe('可用积分零分。')
  })
  it('says what was taken back, and who came without a name', () => {
    expect(backAloud(1200)).toBe('退回一千二百分。')
    expect([cameAloud(false), cameAloud(true)]).toEqual(['签到好了。', '签退好了。'])
  })
})
