import { describe, expect, it } from 'vitest'
import { starsText } from '../screens/order/aims'
import { onceWord } from '../screens/order/once'
import { isNew } from './bell'

describe('the bell', () => {
  const a = { newest: 'w1', at: 100 }
  it('rings for a wish that was not there before', () => {
    expect(isNew(a, { newest: 'w2', at: 200 })).toBe(true)
    expect(isNew({ newest: '', at: 0 }, a)).toBe(true)
  })
  it('is silent at the start, for the same wish, and when one was dispatched', () => {
    expect(isNew(null, a)).toBe(false)
    expect(isNew(a, a)).toBe(false)
    expect(isNew(a, { newest: '', at: 0 })).toBe(false)
    expect(isNew(a, { newest: 'w0', at: 50 })).toBe(false) // an older one is the latest of the rest
  })
})

describe('small words of orders', () => {
  it('write tenths of stars', () => {
    expect(starsText(47)).toBe('4.7')
    expect(starsText(0)).toBe('—')
  })
  it('make another word each time', () => expect(onceWord()).not.toBe(onceWord()))
})
