import nacl from 'tweetnacl'
import { beforeEach, describe, expect, it } from 'vitest'
import { base64, bytes, speaker } from './seal'

const station = nacl.box.keyPair()
const hello = { key: base64(station.publicKey), clock: 1_700_000_000_000 }
// answer plays the station's side of app/page.
function answer(page: string, to: string, what: object) {
  const nonce = nacl.randomBytes(24)
  const text = new TextEncoder().encode(JSON.stringify({ to, ...what }))
  return { nonce: base64(nonce), box: base64(nacl.box(text, nonce, bytes(page), station.secretKey)) }
}

beforeEach(() => localStorage.clear())

describe('the sealed talk of a phone page', () => {
  it('holds the call, the time of the station and the digits, and shows none of them', () => {
    const { sealed } = speaker(hello)('phone.signIn', { tail: '0417' })
    expect(JSON.stringify(sealed)).not.toContain('0417')
    const inner = nacl.box.open(bytes(sealed.box), bytes(sealed.nonce), bytes(sealed.page!), station.secretKey)
    const got = JSON.parse(new TextDecoder().decode(inner!))
    expect(got).toMatchObject({ name: 'phone.signIn', params: { tail: '0417' } })
    expect(Math.abs(got.at - hello.clock)).toBeLessThan(5000)
  })
  it('takes the answer to this question only', () => {
    const say = speaker(hello)
    const one = say('phone.me', {})
    const two = say('phone.me', {})
    expect(one.open(answer(one.sealed.page!, one.sealed.nonce, { result: { points: 78 } }))).toMatchObject({ result: { points: 78 } })
    expect(() => two.open(answer(one.sealed.page!, one.sealed.nonce, { result: {} }))).toThrow()
    const changed = answer(two.sealed.page!, two.sealed.nonce, { result: {} })
    expect(() => two.open({ ...changed, nonce: base64(nacl.randomBytes(24)) })).toThrow()
  })
  it('keeps one key for all visits', () => {
    const key = () => speaker(hello)('x', {}).sealed.page
    const first = key()
    expect(key()).toBe(first)
    localStorage.clear()
  })
})
