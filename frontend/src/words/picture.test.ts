import { describe, expect, it } from 'vitest'
import { sorted } from './picture'

const file = (name: string) => new File(['x'], name)
const is = (f: Blob) => Promise.resolve((f as File).name.endsWith('jpg'))

describe('chosen files', () => {
  it('are parted into what is taken, what is no picture, and what has no room', async () => {
    const got = await sorted(['1.jpg', 'a.txt', '2.jpg', '3.jpg'].map(file), 2, is)
    expect([got.take.map((f) => f.name), got.none, got.over]).toEqual([['1.jpg', '2.jpg'], ['a.txt'], 1])
    expect(await sorted([file('1.jpg')], 3, is)).toMatchObject({ none: [], over: 0 })
  })
})
