import type { Topic } from './api'
import type { Bridge } from './index'
import { toFault } from './fault'

// What the window puts into the page. The generated wailsjs modules are not
// used: these three functions are all there is.
export interface WailsWindow {
  go: { desktop: { Bridge: { Call(name: string, json: string): Promise<string>; SaveFile(name: string, query: string): Promise<unknown> } } }
  runtime: { EventsOn(name: string, hear: (data: { topics?: Topic[] }) => void): () => void }
}

// The window's way: bound functions and runtime events.
export function wailsBridge(win: WailsWindow): Bridge {
  const bound = win.go.desktop.Bridge
  return {
    kind: 'window',
    async call(name, body) {
      try {
        return JSON.parse((await bound.Call(name, JSON.stringify(body ?? {}))) || '{}')
      } catch (thrown) {
        throw toFault(thrown)
      }
    },
    async saveFile(name, query) {
      try {
        await bound.SaveFile(name, new URLSearchParams(query).toString())
      } catch (thrown) {
        throw toFault(thrown)
      }
    },
    listen(hear) {
      const stop = win.runtime.EventsOn('jishan', (data) => hear(data?.topics ?? []))
      return () => stop?.()
    },
  }
}
