import { expect, test } from 'vitest'
import { isSealed, unsealed } from './sealed'

const t = (key: string) => key

test('a text that can not be read has a word, any other stands as it is', () => {
  expect(unsealed('@erased', t)).toBe('common.erased')
  expect(unsealed('@unread', t)).toBe('common.unread')
  for (const text of ['', '雨中护送', '@网格员', 'toString']) expect(unsealed(text, t)).toBe(text)
  expect([isSealed('@erased'), isSealed(''), isSealed(undefined)]).toEqual([true, false, false])
})
