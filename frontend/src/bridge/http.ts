import { ALL, type Bridge, type Proof } from './index'
import { CallFault, fromText } from './fault'
import { fileName, save } from './save'
import { keepSession, session } from './session'
import { lines, topicsOf } from './stream'

// The program says that it is there every five seconds (app/web/events.go).
const SILENT_MS = 12_000
const WATCH_MS = 3000

// A stream that broke is opened again after this; one that was never there too.
const AGAIN_MS = 1000
const CLOSED = 401 // no session, or one of an earlier start

// The browser's way: POST /api/call/<name>, GET /api/file/<name>, the stream of
// /api/events. All carry the session of this start of the program in a header,
// which no other web site can send.
export function httpBridge(base = ''): Bridge {
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${base}/api/${path}`, { cache: 'no-store', ...init, headers: { ...init.headers, 'X-Jishan': session() || 'none' } })
  const post = (path: string, body: unknown) => ask(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body ?? {}) })
  // knock is how a page without a session that holds asks to be let in: the
  // program opens to the first one while there is nothing to protect.
  let knocking: Promise<boolean> | undefined
  const knock = () => (knocking ??= open({}).then(() => true, () => false).finally(() => { knocking = undefined }))
  async function open(proof: Proof) {
    const answer = await post('open', proof)
    const text = await answer.text()
    if (!answer.ok) throw fromText(text)
    keepSession(String(JSON.parse(text).session))
  }
  async function letIn(send: () => Promise<Response>): Promise<Response> {
    const answer = await send()
    return answer.status === CLOSED && (await knock()) ? send() : answer
  }
  return {
    kind: 'http',
    open,
    async call(name, body) {
      const answer = await letIn(() => post(`call/${name}`, body))
      const text = await answer.text()
      if (!answer.ok) throw fromText(text)
      try {
        return JSON.parse(text || '{}')
      } catch {
        throw new CallFault('internal')
      }
    },
    async saveFile(name, query) {
      const answer = await ask(`file/${name}?${new URLSearchParams(query)}`)
      if (!answer.ok) throw fromText(await answer.text())
      save(await answer.blob(), fileName(answer.headers.get('Content-Disposition') ?? '') || name)
    },
    listen(hear, lost = () => {}) {
      let heard = Date.now()
      let broken = false
      let over = false
      let end = () => {}
      async function read() {
        const answer = await ask('events')
        if (!answer.ok || !answer.body) throw new CallFault('program.away')
        const reader = answer.body.getReader()
        end = () => void reader.cancel().catch(() => {})
        heard = Date.now()
        // After a break nobody knows what was missed: everything may have changed.
        if (broken) { broken = false; hear(ALL) }
        await lines(reader, (line) => {
          heard = Date.now()
          const topics = topicsOf(line)
          if (topics) hear(topics)
        })
      }
      async function follow() {
        while (!over) {
          await read().catch(() => {})
          if (over) return
          broken = true
          lost()
          await new Promise((later) => setTimeout(later, AGAIN_MS))
        }
      }
      void follow()
      // A program that is frozen breaks no stream, it only says nothing.
      const watch = setInterval(() => { if (Date.now() - heard > SILENT_MS) lost() }, WATCH_MS)
      return () => { over = true; clearInterval(watch); end() }
    },
  }
}
