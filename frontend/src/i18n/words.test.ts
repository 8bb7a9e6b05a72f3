import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { words as phoneWords } from '../phone/words'
import en from './en'
import { faultKey, faultSentence, refusalWords } from './fault'
import { i18n } from './index'
import zh from './zh'

const ROOT = join(__dirname, '..', '..', '..')

function leaves(tree: object, path = ''): Map<string, string> {
  const out = new Map<string, string>()
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') out.set(path + key, value)
    else for (const [k, v] of leaves(value as object, `${path}${key}.`)) out.set(k, v)
  }
  return out
}
function files(dir: string, ends: string[], skip: string[]): string[] {
  return readdirSync(dir).flatMap((name) => {
    const path = join(dir, name)
    if (skip.includes(name)) return []
    if (statSync(path).isDirectory()) return files(path, ends, skip)
    return ends.some((e) => name.endsWith(e)) && !name.includes('_test.go') && !name.includes('.test.ts') ? [path] : []
  })
}
const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort().join()

describe('two languages', () => {
  const a = leaves(zh)
  const b = leaves(en)
  it('hold the same keys', () => {
    expect([...b.keys()].filter((k) => !a.has(k))).toEqual([])
    expect([...a.keys()].filter((k) => !b.has(k))).toEqual([])
  })
  it('fill the same holes', () => {
    // Time words are built by grammar, so a sentence may leave one out, never
    // ask for one that the other does not have.
    const odd = [...a].filter(([k, text]) => { const known = new Set(holes(text).split(',')); return holes(b.get(k) ?? '').split(',').some((h) => h && !known.has(h)) })
    expect(odd.map(([k]) => k)).toEqual([])
  })
  it('leave nothing empty or in the wrong language', () => {
    const mayBeEmpty = /^(people\.ph\.name|activity\.ph\.organiser|devices\.via\.none|devices\.not\.)/
    for (const [k, text] of [...a, ...b]) if (!mayBeEmpty.test(k)) expect(text, k).not.toBe('')
    const chinese = [...b].filter(([k, text]) => /[\u4e00-\u9fff]/.test(text) && !/settings\.langs|people\.privacy/.test(k))
    expect(chinese.map(([k]) => k)).toEqual([])
  })
  it('are spoken by the phone too', () => {
    expect(Object.keys(phoneWords.en).sort()).toEqual(Object.keys(phoneWords.zh).sort())
  })
})

describe('every key that a screen names', () => {
  it('has words', () => {
    const known = leaves(zh)
    const missing = new Set<string>()
    for (const path of files(join(ROOT, 'frontend/src'), ['.vue', '.ts'], ['phone', 'i18n', 'mock'])) {
      for (const m of readFileSync(path, 'utf8').matchAll(/(?<![\w.])t\(\s*'([\w.]+)'/g)) if (!known.has(m[1])) missing.add(`${m[1]} in ${path.slice(ROOT.length)}`)
    }
    expect([...missing]).toEqual([])
  })
})

describe('every code that the program can answer', () => {
  const codes = new Set<string>()
  for (const path of files(ROOT, ['.go'], ['node_modules', 'frontend', '.git', 'demo', 'build'])) {
    for (const m of readFileSync(path, 'utf8').matchAll(/fault\.New\(\s*"([a-z][\w]*(?:\.[\w]+)*)"/g)) codes.add(m[1])
  }
  it('was found in the source', () => expect(codes.size).toBeGreaterThan(0))
  it('has a sentence of its own in both languages', () => {
    const missing = [...codes].filter((code) => { const key = faultKey(code).slice('fault.'.length); return !(key in zh.fault) || !(key in en.fault) })
    expect(missing).toEqual([])
  })
})

describe('faultSentence', () => {
  it('fills in numbers', () => {
    i18n.global.locale.value = 'zh'
    expect(faultSentence({ code: 'till.short', params: { here: 12, missing: 18 } })).toContain('此处可兑 12，还差 18')
    i18n.global.locale.value = 'en'
    expect(faultSentence({ code: 'till.short', params: { here: 12, missing: 18 } })).toContain('12 here, 18 short')
    i18n.global.locale.value = 'zh'
  })
  it('prefers the reason, then falls back to the subject, then names the code', () => {
    expect(faultSentence({ code: 'people.idNumber.bad', params: { reason: 'checksum' } })).toContain('写错')
    expect(faultSentence({ code: 'people.idNumber.bad', params: { reason: 'other' } })).toBe('身份证号不对。')
    expect(faultSentence({ code: 'till.something.new' })).toBe(zh.fault.till)
    expect(faultSentence({ code: 'strange.thing' })).toContain('strange.thing')
  })
  it('names fields in words, never as the program calls them', () => {
    expect(faultSentence({ code: 'call.params', params: { field: 'items.points' } })).toContain('“分数”填得不对')
    expect(faultSentence({ code: 'call.params', params: { field: 'some.strangeName' } })).toMatch(/^有一栏填得不对/)
  })
  it('explains refused changes in words', () => {
    expect(refusalWords('seal')).toBe('印章对不上')
    expect(refusalWords('form', { kind: 'people' })).toContain('居民资料')
    expect(refusalWords('form', { kind: 'of a newer program' })).toContain(zh.fault.qKind_any)
    expect(refusalWords('')).toBe(zh.fault.quarantine)
    expect(refusalWords('ofANewerProgram')).toBe(zh.fault.quarantine)
  })
  it('has words for every reason that a device is cut off for', () => {
    const source = readFileSync(join(ROOT, 'app/node/broke.go'), 'utf8')
    const reasons = [...source.matchAll(/^\tbroke[A-Z]\w+ += "(\w+)" +\/\//gm)].map((m) => m[1])
    expect(reasons).toHaveLength(6)
    expect(reasons.filter((r) => !(r in zh.devices.broke) || !(r in en.devices.broke))).toEqual([])
    expect(refusalWords('broke', { reason: 'much', times: '3' })).toBe('一次发得太多，断开了 3 次')
    expect(refusalWords('broke', { reason: 'ofANewerProgram', times: '3' })).toBe('不守规矩，断开了 3 次')
  })
  it('has words for every reason of admission', () => {
    const source = readFileSync(join(ROOT, 'crdt/admit/reason.go'), 'utf8')
    const reasons = [...source.matchAll(/= "\[(\w+)\] |code[A-Z]\w+ += "(\w+)"/g)].map((m) => m[1] ?? m[2])
    expect(reasons.length).toBeGreaterThan(20)
    expect(reasons.filter((r) => !(`q_${r}` in zh.fault) || !(`q_${r}` in en.fault))).toEqual([])
  })
})
