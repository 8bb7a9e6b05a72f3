import { describe, expect, it } from 'vitest'
import { pasted, readScore } from './grid'

describe('the grid', () => {
  it('takes whole numbers up to the most, and nothing', () => {
    expect([readScore('', 1), readScore(' 3 ', 1000), readScore('１２', 1000), readScore('0', 1)]).toEqual([-1, 3, 12, 0])
    expect([readScore('2', 1), readScore('1.5', 9), readScore('-1', 9), readScore('优', 9), readScore('10000', 1e6)]).toEqual([null, null, null, null, null])
  })
  it('reads a block as a spreadsheet copies it', () => {
    expect(pasted('1\t2\r\n\t3\r\n')).toEqual([['1', '2'], ['', '3']])
  })
})
