import { expect, it } from 'vitest'
import { turnedDown } from './text'

it('what was voted down is not waited for', () => {
  const votes = (yes: number, no: number) => turnedDown({ for: yes, against: no, abstain: 0 })
  expect([votes(2, 5), votes(3, 3), votes(5, 2), votes(0, 0)]).toEqual([true, true, false, false])
})
