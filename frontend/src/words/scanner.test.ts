import { describe, expect, it } from 'vitest'
import { GUN_KEY_MS, GunReader, tidy } from './scanner'

function type(reader: GunReader, text: string, gap: number, from = 1000): { scan: string; at: number } {
  let at = from
  for (const key of text) { reader.feed({ key }, at); at += gap }
  return { scan: reader.feed({ key: 'Enter' }, at), at }
}

describe('the scanner gun', () => {
  it('is told from hands by its pace', () => {
    expect(type(new GunReader(), '02184471', 8).scan).toBe('02184471')
    expect(type(new GunReader(), '02184471', GUN_KEY_MS).scan).toBe('02184471')
    expect(type(new GunReader(), '02184471', 120).scan).toBe('')
  })
  it('is found at the end of what hands typed', () => {
    const reader = new GunReader()
    for (const [n, key] of [...'12'].entries()) reader.feed({ key }, n * 300)
    expect(type(reader, 'JS1-ABCD', 6, 1500).scan).toBe('JS1-ABCD')
  })
  it('may pause once, as radio guns do', () => {
    const reader = new GunReader()
    let at = 0
    for (const [n, key] of [...'655094953'].entries()) { at += n === 4 ? 80 : 6; reader.feed({ key }, at) }
    expect(reader.feed({ key: 'Enter' }, at + 6)).toBe('655094953')
  })
  it('needs an Enter soon after the last key', () => {
    const reader = new GunReader()
    for (const [n, key] of [...'02184471'].entries()) reader.feed({ key }, n * 8)
    expect(reader.feed({ key: 'Enter' }, 5000)).toBe('')
  })
  it('ignores short bursts and capitals are no break', () => {
    expect(type(new GunReader(), '12', 5).scan).toBe('')
    const reader = new GunReader()
    let at = 0
    for (const key of ['Shift', 'A', 'b', 'Shift', 'C', '1', '2']) { reader.feed({ key }, at); at += 6 }
    expect(reader.feed({ key: 'Enter' }, at)).toBe('AbC12')
  })
  it('never takes what the input method swallowed', () => {
    const reader = new GunReader()
    let at = 0
    for (const key of '0218') { reader.feed({ key, isComposing: true }, at); at += 5 }
    expect(reader.feed({ key: 'Enter' }, at)).toBe('')
    for (const key of '0218') { reader.feed({ key: 'Process', keyCode: 229 }, at); at += 5; void key }
    expect(reader.feed({ key: 'Enter' }, at)).toBe('')
  })
  it('drops shortcuts', () => {
    const reader = new GunReader()
    reader.feed({ key: 'a' }, 0)
    reader.feed({ key: 'k', ctrlKey: true }, 5)
    expect(type(reader, 'xyz', 5, 10).scan).toBe('')
  })
})

describe('tidy', () => {
  it('makes full-width signs ASCII and closes a grouped card code', () => {
    expect(tidy('０２１８　４４７１')).toBe('02184471')
    expect(tidy(' 0218 4471\n')).toBe('02184471')
    expect(tidy('ＪＳ１－ＡＢ c')).toBe('JS1-AB c')
  })
})
