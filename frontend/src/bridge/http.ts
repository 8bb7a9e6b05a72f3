import type { Bridge } from './index'
import { CallFault, fromText } from './fault'

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
    listen(hear) {
      const source = new EventSource(`${base}/api/events`)
      source.onmessage = (event) => {
        try {
          hear(JSON.parse(event.data).topics ?? [])
        } catch {
          hear([]) // unreadable: nothing changed for certain
        }
      }
      // After a break nobody knows what was missed: everything may have changed.
      let broken = false
      source.onerror = () => { broken = true }
      source.onopen = () => { if (broken) { broken = false; hear(['state', 'people', 'activity', 'shop', 'ledger', 'devices', 'scheme', 'settings']) } }
      return () => source.close()
    },
  }
}
