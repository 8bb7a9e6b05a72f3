import { ALL, type Bridge } from './index'
import { CallFault, fromText } from './fault'

// The program says that it is there every five seconds (app/web/events.go).
const SILENT_MS = 12_000
const WATCH_MS = 3000

// The browser's way: POST /api/call/<name>, files as links, events by SSE.
export function httpBridge(base = ''): Bridge {
  return {
    kind: 'http',
    async call(name, body) {
      const answer = await fetch(`${base}/api/call/${name}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-Jishan': '1' },
        body: JSON.stringify(body ?? {}),
      })
      const text = await answer.text()
      if (!answer.ok) throw fromText(text)
      try {
        return JSON.parse(text || '{}')
      } catch {
        throw new CallFault('internal')
      }
    },
    async saveFile(name, query) {
      const link = document.createElement('a')
      link.href = `${base}/api/file/${name}?${new URLSearchParams(query)}`
      link.download = ''
      link.rel = 'noopener'
      document.body.appendChild(link)
      link.click()
      link.remove()
    },
    listen(hear, lost = () => {}) {
      let source: EventSource
      let heard = Date.now()
      let broken = false
      function open() {
        heard = Date.now()
        source = new EventSource(`${base}/api/events`)
        source.onmessage = (event) => {
          heard = Date.now()
          try {
            hear(JSON.parse(event.data).topics ?? [])
          } catch {
            hear([]) // unreadable: nothing changed for certain
          }
        }
        source.addEventListener('here', () => { heard = Date.now() })
        source.onerror = () => { broken = true; lost() }
        // After a break nobody knows what was missed: everything may have changed.
        source.onopen = () => { heard = Date.now(); if (broken) { broken = false; hear(ALL) } }
      }
      open()
      // A program that is frozen breaks no stream, it only says nothing; and a
      // stream that was refused once is never opened again by the browser.
      const watch = setInterval(() => {
        if (source.readyState === EventSource.CLOSED) { broken = true; open() } else if (Date.now() - heard > SILENT_MS) lost()
      }, WATCH_MS)
      return () => { clearInterval(watch); source.close() }
    },
  }
}
