import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Topic } from './api'
import { CallFault, toFault } from './fault'
import { httpBridge } from './http'
import { call, choose, connect, onTopics } from './index'
import { mockBridge } from './mock'
import { wailsBridge, type WailsWindow } from './wails'

afterEach(() => vi.unstubAllGlobals())

function window_(call_: (name: string, json: string) => Promise<string>): WailsWindow {
  return { go: { desktop: { Bridge: { Call: call_, SaveFile: vi.fn(async () => undefined) } } }, runtime: { EventsOn: vi.fn(() => () => {}) } }
}

describe('choosing the bridge', () => {
  it('takes the window only when both of its parts are there', () => {
    expect(choose(window_(async () => '{}')).kind).toBe('window')
    expect(choose({ go: {} }).kind).toBe('http')
    expect(choose({ runtime: {} }).kind).toBe('http')
  })
})

describe('the browser way', () => {
  it('posts JSON with our header and reads the reply', async () => {
    const fetch = vi.fn(async () => new Response('{"total":3,"rows":[]}'))
    vi.stubGlobal('fetch', fetch)
    const body = { q: '', grid: '', sort: 'name', desc: false, offset: 0, limit: 5 }
    expect(await httpBridge().call('people.list', body)).toEqual({ total: 3, rows: [] })
    const [url, init] = fetch.mock.calls[0] as unknown as [string, RequestInit]
    expect(url).toBe('/api/call/people.list')
    expect(init.method).toBe('POST')
    expect((init.headers as Record<string, string>)['X-Jishan']).toBe('1')
    expect(JSON.parse(init.body as string)).toEqual(body)
  })
  it('turns a refusal into its fault', async () => {
    vi.stubGlobal('fetch', vi.fn(async () => new Response('{"code":"till.short","params":{"here":12,"missing":18}}', { status: 409 })))
    await expect(httpBridge().call('till.redeem', {})).rejects.toMatchObject({ code: 'till.short', params: { here: 12, missing: 18 } })
  })
  it('calls an unreadable answer internal and a lost one away', async () => {
    vi.stubGlobal('fetch', vi.fn(async () => new Response('<html>', { status: 502 })))
    await expect(httpBridge().call('x', {})).rejects.toMatchObject({ code: 'internal' })
    vi.stubGlobal('fetch', vi.fn(async () => { throw new TypeError('Failed to fetch') }))
    connect({ ...httpBridge(), listen: () => () => {} })
    await expect(call('app.state', {})).rejects.toMatchObject({ code: 'program.away' })
  })
})

describe('a community that is opened again', () => {
  afterEach(() => vi.useRealTimers())
  it('is asked again, so that no screen takes the device for a new one', async () => {
    vi.useFakeTimers()
    let asked = 0
    connect({ kind: 'mock', call: async () => { if (++asked < 4) throw new CallFault('app.renewing'); return { phase: 'ready' } }, saveFile: async () => {}, listen: () => () => {} })
    const answer = call('app.state', {})
    await vi.runAllTimersAsync()
    expect(await answer).toMatchObject({ phase: 'ready' })
    expect(asked).toBe(4)
  })
  it('is not waited for without end', async () => {
    vi.useFakeTimers()
    let asked = 0
    connect({ kind: 'mock', call: async () => { asked++; throw new CallFault('app.renewing') }, saveFile: async () => {}, listen: () => () => {} })
    const answer = expect(call('app.state', {})).rejects.toMatchObject({ code: 'app.renewing' })
    await vi.runAllTimersAsync()
    await answer
    expect(asked).toBe(11)
  })
})

describe('a lost answer', () => {
  it('is asked for again under the same word, and never after an answer', async () => {
    const sent: string[] = []
    let lost = true
    connect({
      kind: 'mock',
      call: async (_, body) => { sent.push((body as { once: string }).once); if (lost) throw new TypeError('gone'); return {} },
      saveFile: async () => {},
      listen: () => () => {},
    })
    const order = { person: 'p1', lines: [{ offer: 'o1', n: 1 }] }
    await expect(call('till.redeem', order)).rejects.toMatchObject({ code: 'program.away' })
    lost = false
    await call('till.redeem', order)
    await call('till.redeem', order)
    expect(sent[0]).toMatch(/^[0-9a-f]{32}$/)
    expect(sent[1]).toBe(sent[0])
    expect(sent[2]).not.toBe(sent[0])
    await call('shop.offers', { all: true })
    expect(sent[3]).toBeUndefined()
  })
})

describe('the window way', () => {
  it('passes name and JSON text', async () => {
    const Call = vi.fn(async () => '{"ok":true}')
    expect(await wailsBridge(window_(Call)).call('setup.checkRecovery', { text: 'A' })).toEqual({ ok: true })
    expect(Call).toHaveBeenCalledWith('setup.checkRecovery', '{"text":"A"}')
  })
  it('reads faults however they are thrown', async () => {
    const text = '{"code":"people.unknown","params":{"id":"7"}}'
    for (const thrown of [text, new Error(text), { code: 'people.unknown', params: { id: '7' } }]) {
      const bridge = wailsBridge(window_(() => Promise.reject(thrown)))
      await expect(bridge.call('people.get', {})).rejects.toMatchObject({ code: 'people.unknown', params: { id: '7' } })
    }
    await expect(wailsBridge(window_(() => Promise.reject('boom'))).call('x', {})).rejects.toBeInstanceOf(CallFault)
  })
})

describe('events', () => {
  it('reach every ear until it stops listening', () => {
    let push: (topics: Topic[]) => void = () => {}
    connect({ kind: 'mock', call: async () => ({}), saveFile: async () => {}, listen: (hear) => { push = hear; return () => {} } })
    const heard: Topic[][] = []
    const stop = onTopics((t) => heard.push(t))
    push(['people'])
    stop()
    push(['shop'])
    expect(heard).toEqual([['people']])
  })
})

describe('the pretended program', () => {
  it('answers by the contract and refuses like the real one', async () => {
    connect(mockBridge('?role=merchant'))
    const scan = await call('till.scan', { text: '02184619' })
    expect(scan).toMatchObject({ kind: 'person', account: { here: 12, spendable: 37 } })
    await expect(call('till.redeem', { person: scan.account!.person, lines: [{ offer: 'o7', n: 1 }] })).rejects.toMatchObject({ code: 'till.short', params: { here: 12, missing: 18 } })
  })
})

describe('toFault', () => {
  it('keeps a fault and never throws', () => {
    const fault = new CallFault('a.b', { n: 1 })
    expect(toFault(fault)).toBe(fault)
    expect(toFault(undefined).code).toBe('internal')
    expect(toFault(null).code).toBe('internal')
  })
})
