import { describe, expect, it } from 'vitest'
import { idReason, nameFits } from './identity'

describe('an identity number', () => {
  it('is looked over as the program does', () => {
    const cases: Record<string, string> = { '': '', '110105194912310020': 'checksum', '11010519491231002X': '', '11010519491231002x': '', '110105491231002': '', '123': 'length', '11010519491231002A': 'characters', '110105194913310020': 'birthday', '110105194902300020': 'birthday' }
    for (const [id, reason] of Object.entries(cases)) expect([id, idReason(id)]).toEqual([id, reason])
  })
})
describe('a name', () => {
  it('has letters, rare ones too, and no figures', () => {
    for (const name of ['龘奶奶', '阿依古丽·买买提', '\u{E000}某', '𠮷田']) expect([name, nameFits(name)]).toEqual([name, true])
    for (const name of ['张三2', '李@四', '王🙂']) expect([name, nameFits(name)]).toEqual([name, false])
  })
})
