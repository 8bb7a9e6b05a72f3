import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Topic } from './api'
import { CallFault, toFault } from './fault'
import { httpBridge } from './http'
import { ALL, call, choose, connect, enter, onTopics } from './index'
import { mockBridge } from './mock'
import { fileName } from './save'
import { session, wordOf } from './session'
import { at } from './visit'
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
    expect((init.headers as Record<string, string>)['X-Jishan']).toBe('none') // not let in yet; another site can send no such header
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

describe('the way in', () => {
  afterEach(() => localStorage.clear())
  const closed = () => new Response('{"code":"web.closed"}', { status: 401 })
  it('knocks once where nothing is to be protected, and goes on with what it got', async () => {
    const asked: string[] = []
    vi.stubGlobal('fetch', vi.fn(async (url: string, init: RequestInit) => {
      const held = (init.headers as Record<string, string>)['X-Jishan']
      asked.push(`${url} ${held}`)
      if (url === '/api/open') return new Response('{"session":"s1"}')
      return held === 's1' ? new Response('{"ok":true}') : closed()
    }))
    const at = httpBridge()
    expect(await Promise.all([at.call('a.b', {}), at.call('c.d', {})])).toEqual([{ ok: true }, { ok: true }])
    expect(asked.filter((a) => a.startsWith('/api/open'))).toHaveLength(1)
    expect(await httpBridge().call('e.f', {})).toEqual({ ok: true }) // kept for the next page
  })
  it('says that it is closed where a proof is asked for, and opens by the code', async () => {
    vi.stubGlobal('fetch', vi.fn(async (url: string, init: RequestInit) => {
      if (url !== '/api/open') return closed()
      return JSON.parse(init.body as string).code === '123456' ? new Response('{"session":"s2"}') : closed()
    }))
    await expect(httpBridge().call('a.b', {})).rejects.toMatchObject({ code: 'web.closed' })
    connect({ ...httpBridge(), listen: () => () => {} })
    await expect(enter({ code: '000000' })).rejects.toMatchObject({ code: 'web.closed' })
    await enter({ code: '123456' })
    expect(session()).toBe('s2')
  })
  it('takes the word out of the address', () => {
    const at = { hash: '#open=0a1b', pathname: '/', search: '' } as Location
    const replaceState = vi.fn()
    expect(wordOf(at, { replaceState } as unknown as History)).toBe('0a1b')
    expect(replaceState).toHaveBeenCalledWith(null, '', '/#/')
    replaceState.mockClear()
    expect(wordOf({ ...at, hash: '#/people' } as Location, { replaceState } as unknown as History)).toBe('')
    expect(replaceState).not.toHaveBeenCalled()
  })
})

describe('the stream of events', () => {
  it('is read line by line however it is cut, and told everything after a break', async () => {
    vi.useFakeTimers()
    const parts = ['retry: 1000\n\ndata: {"topics":["peo', 'ple"]}\n\nevent: here\ndata: 1\n\n']
    const stream = () => new Response(new ReadableStream({ start(to) { parts.forEach((p) => to.enqueue(new TextEncoder().encode(p))); to.close() } }))
    vi.stubGlobal('fetch', vi.fn(async () => stream()))
    const heard: Topic[][] = []
    const lost = vi.fn()
    const stop = httpBridge().listen((t) => heard.push(t), lost)
    await vi.advanceTimersByTimeAsync(10)
    expect(heard).toEqual([['people']])
    expect(lost).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(1000)
    expect(heard.slice(1)).toEqual([ALL, ['people']])
    stop()
    vi.useRealTimers()
  })
})

describe('a saved file', () => {
  it('has the name that the program gave it', () => {
    expect(fileName("attachment; filename*=utf-8''%E8%8A%B1.xlsx")).toBe('花.xlsx')
    expect(fileName('attachment; filename="people.xlsx"')).toBe('people.xlsx')
    expect(fileName('attachment; filename=people.xlsx')).toBe('people.xlsx')
    expect(fileName("attachment; filename*=utf-8''%E8%8")).toBe('')
  })
  it('is refused in words', async () => {
    vi.stubGlobal('fetch', vi.fn(async () => new Response('{"code":"file.unknown"}', { status: 404 })))
    await expect(httpBridge().saveFile('x', {})).rejects.toMatchObject({ code: 'file.unknown' })
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

describe('a call of one community', () => {
  it('stays in the community in which it began, also when it is asked again after the screen went to another', async () => {
    const asked: unknown[] = []
    connect({
      kind: 'mock', listen: () => () => {}, saveFile: async () => {},
      call: async (_, body) => {
        asked.push((body as { visit?: string }).visit)
        at.value = 'second'
        if (asked.length === 1) throw new CallFault('app.renewing')
        return {}
      },
    })
    at.value = 'first'
    await call('app.state', {})
    expect(asked).toEqual(['first', 'first'])
    at.value = ''
  })
})
