import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { dress, stand } from './look'
import { said, say, sayFault, unsay } from './said'

const texts = () => said.list.map((s) => s.text)
beforeEach(() => vi.useFakeTimers())
afterEach(() => { vi.runAllTimers(); vi.useRealTimers() })

describe('notices', () => {
  it('stand beside each other, the newest first, no more than three, none twice', () => {
    for (const text of ['一', '二', '三', '二', '四']) say(text)
    expect(texts()).toEqual(['四', '二', '三'])
  })
  it('stay until they are read: what went wrong and can be undone longer', () => {
    say('已存好')
    sayFault({ code: 'internal' })
    say('已撤销', { label: '恢复', run: () => {} })
    vi.advanceTimersByTime(4900)
    expect(said.list).toHaveLength(3)
    vi.advanceTimersByTime(200)
    expect(said.list.map((s) => s.kind)).toEqual(['ok', 'bad'])
    vi.advanceTimersByTime(20_000)
    expect(said.list).toHaveLength(0)
  })
  it('stay longer the more there is to read', () => {
    say('字'.repeat(60))
    vi.advanceTimersByTime(8900)
    expect(said.list).toHaveLength(1)
  })
  it('stand in senior mode until they are closed, the newest alone', () => {
    dress('light', 14, true)
    stand('till')
    say('已存好')
    sayFault({ code: 'internal' })
    vi.advanceTimersByTime(3_600_000)
    expect(said.list.map((s) => s.kind)).toEqual(['bad'])
    unsay(said.list[0].id)
    expect(said.list).toHaveLength(0)
    stand('') // an office's own pages are no counter
    say('已存好')
    vi.advanceTimersByTime(5100)
    expect(said.list).toHaveLength(0)
    dress('light', 14, false)
  })
})
