import { beforeEach, describe, expect, it } from 'vitest'
import { SIZES, after, remembered, size, wear } from './size'

const worn = () => [document.documentElement.getAttribute('data-size'), document.documentElement.hasAttribute('data-senior')]
beforeEach(() => localStorage.clear())

describe('the size of a phone\'s letters', () => {
  it('begins as usual, and one button goes round', () => {
    expect(remembered()).toBe(16)
    let at: number = remembered()
    const round = SIZES.map(() => { at = after(at); return at })
    expect(round).toEqual([24, 30, 16])
  })
  it('is senior mode from 24 on, and remembered', () => {
    wear(24)
    expect([worn(), remembered(), size.value]).toEqual([['24', true], 24, 24])
    wear(16)
    expect([worn(), remembered()]).toEqual([['16', false], 16])
  })
  it('stays large for who had chosen a larger size before there was this mode', () => {
    wear(22)
    expect([worn(), remembered()]).toEqual([['24', true], 24])
  })
})
