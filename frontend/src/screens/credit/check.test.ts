// @vitest-environment node
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

// The bank's check page proves certificates with code of its own; it must agree
// with the program about the golden certificate (app/credit/testdata).
interface Checked { fault?: string; state?: string; name?: string; amount?: number; number?: string; by?: string; line?: string }
const at = (name: string) => readFileSync(join(__dirname, '../../../../app/credit', name), 'utf8')
const check = new Function(`${at('check.js')}\nreturn check`)() as (text: string, kit: unknown, now: number) => Checked
const text = at('testdata/certificate-1.txt').trim()
const kit = JSON.parse(at('testdata/page-1.html.kit')) as { community: string; signers: object[]; ended: object[] }
const MADE = 1_795_000_000_000
const UNTIL = 1_826_600_000_000

describe('the bank\'s check page', () => {
  it('proves a certificate', () => {
    expect(check(` ${text}\n`, kit, MADE)).toMatchObject({ state: 'force', name: '张三', idTail: '123X', amount: 200_000, points: 90, version: 2, by: '1 号电脑', line: '01jdb3cv6h000000000000z7k4', number: '0000-Z7K4' })
    expect(check(text, kit, UNTIL + 1).state).toBe('expired')
    expect(check(text, { ...kit, ended: [{ line: '01jdb3cv6h000000000000z7k4', state: 'withdrawn' }] }, MADE).state).toBe('withdrawn')
  })
  it('says why another text proves nothing', () => {
    expect(check('JSV1:ABC', kit, MADE).fault).toBe('bad')
    expect(check('JSC2:ABC', kit, MADE).fault).toBe('newer')
    expect(check(text.slice(0, -9), kit, MADE).fault).toBe('cut')
    expect(check('JSC1:abc', kit, MADE).fault).toBe('damaged')
    expect(check(text, { ...kit, community: 'x' }, MADE).fault).toBe('foreign')
    expect(check(text, { ...kit, signers: [] }, MADE).fault).toBe('signer')
  })
  it('proves nothing that was changed', () => {
    for (let n = 5; n < text.length; n += 7) {
      const other = text[n] === 'A' ? 'B' : 'A'
      expect(check(text.slice(0, n) + other + text.slice(n + 1), kit, MADE).fault, `character ${n}`).toBeTruthy()
    }
  })
})
