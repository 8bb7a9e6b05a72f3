import type { Calls, Tier } from './api'
import { CallFault } from './fault'
import type { Bridge } from './index'
import { pretend } from './mock/calls'

// The pretended program: tests and pictures only, never in a build. The page's
// query chooses what it shows: ?role=merchant&offline=1&lang=en.
export function mockBridge(search = ''): Bridge {
  const q = new URLSearchParams(search)
  const handlers = pretend({
    phase: q.get('phase') ?? undefined, role: q.get('role') ?? undefined, level: (q.get('level') ?? undefined) as Tier | undefined, offline: q.has('offline'), doubt: q.has('doubt'), empty: q.has('empty'), alarms: q.has('alarms'), copied: q.has('copied'), refused: q.get('refused') ?? undefined, revoked: q.has('revoked'), aside: q.has('aside'), missing: q.has('missing'), sample: q.has('sample'), guarded: q.has('guarded'), several: q.has('several'), senior: q.has('senior'), locked: q.has('locked'),
    lang: q.get('lang') ?? undefined, theme: q.get('theme') ?? undefined, size: q.has('size') ? Number(q.get('size')) : undefined,
  })
  let closed = q.has('closed')
  return {
    kind: 'mock',
    async open({ code }) {
      if (code === '000000') throw new CallFault('web.code.wait', { seconds: 60 })
      if (code !== '123456') throw new CallFault('web.code.wrong')
      closed = false
    },
    async call(name, body) {
      if (closed) throw new CallFault('web.closed')
      const handler = handlers[name as keyof Calls] as ((b: unknown) => unknown) | undefined
      if (!handler) throw new CallFault('call.unknown', { name })
      return JSON.parse(JSON.stringify(handler(body)))
    },
    async saveFile() {},
    listen: () => () => {},
  }
}
