import { describe, expect, it } from 'vitest'
import { speak } from '@/i18n'
import { pillWords } from './pill'

const NOW = new Date(2026, 2, 26, 10, 40).getTime()
const base = { online: 3, total: 5, keepers: 2, last: new Date(2026, 2, 26, 10, 32).getTime(), onlyHere: 0, offlineSince: 0, cut: false, attention: 0 }
const of = (change: Partial<typeof base>) => pillWords({ ...base, ...change }, NOW, 'zh', speak)

describe('the sync pill', () => {
  it('says when and with how many', () => expect(of({})).toEqual({ kind: 'ok', text: '已同步 10:32 · 3 台在线' }))
  it('says how long the cable is out and what waits', () => expect(of({ online: 0, onlyHere: 12, offlineSince: NOW - 2 * 3_600_000, cut: true })).toEqual({ kind: 'off', text: '断网 2 小时 · 12 条待同步' }))
  it('does not blame the cable where nobody answers', () => expect(of({ online: 0, offlineSince: NOW - 2 * 3_600_000 }).text).toBe('没连上 2 小时'))
  it('calls the first minute no minutes', () => {
    expect(of({ online: 0, onlyHere: 2, offlineSince: NOW - 59_000, cut: true }).text).toBe('刚断网 · 2 条待同步')
    expect(of({ online: 0, offlineSince: NOW }).text).toBe('刚断开')
    expect(of({ online: 0, offlineSince: NOW - 60_000, cut: true }).text).toBe('断网 1 分钟')
  })
  it('puts what somebody must settle first', () => expect(of({ attention: 1, online: 0 })).toEqual({ kind: 'attention', text: '1 条需要处理' }))
  it('does not wait for a second copy where none can be', () => expect(of({ keepers: 0, onlyHere: 40 }).text).toBe('已同步 10:32 · 3 台在线'))
  it('says that the program is gone, whatever it said last', () => expect(pillWords(base, NOW, 'zh', speak, true)).toEqual({ kind: 'gone', text: '程序没有应答' }))
  it('does not call a single computer offline', () => expect(of({ total: 0, online: 0 })).toEqual({ kind: 'alone', text: '只有这一台' }))
})
