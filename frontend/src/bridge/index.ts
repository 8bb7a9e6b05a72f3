import type { Calls, Topic } from './api'
import { toFault } from './fault'
import { httpBridge } from './http'
import { answered, withWord } from './once'
import { located, locatedFile } from './visit'
import { wailsBridge, type WailsWindow } from './wails'

// Proof is what lets a browser in: the word of the printed link, or the code.
export interface Proof { word?: string; code?: string }

// The one door between screens and program. Everything above it is the same
// in the window and in a browser.
export interface Bridge {
  kind: 'window' | 'http' | 'mock'
  // open is there where the program asks who reaches it before it answers.
  open?(proof: Proof): Promise<void>
  call(name: string, body: unknown): Promise<unknown>
  saveFile(name: string, query: Record<string, string>): Promise<void>
  // lost is called when the program may be away: the stream broke or is silent.
  listen(hear: (topics: Topic[]) => void, lost?: () => void): () => void
}

let bridge: Bridge | null = null
const ears = new Set<(topics: Topic[]) => void>()
const worried = new Set<() => void>()
// ALL is said after a break: nobody knows what was missed.
export const ALL: Topic[] = ['state', 'people', 'activity', 'order', 'shop', 'ledger', 'devices', 'scheme', 'settings', 'settle', 'partners']

// choose picks the way at run time: the window's bindings when they are there.
export function choose(win: object): Bridge {
  if ('go' in win && 'runtime' in win) return wailsBridge(win as WailsWindow)
  return httpBridge()
}

// connect is called once at start; tests and pictures pass their own bridge.
export function connect(own?: Bridge): Bridge {
  bridge = own ?? choose(window)
  bridge.listen(announce, () => worried.forEach((worry) => worry()))
  return bridge
}

// enter lets this browser in; it rejects with CallFault only.
export async function enter(proof: Proof): Promise<void> {
  try {
    await bridge?.open?.(proof)
  } catch (thrown) {
    throw toFault(thrown)
  }
}

export function bridgeKind(): Bridge['kind'] | '' {
  return bridge?.kind ?? ''
}

// call asks the program. It rejects with CallFault only.
export async function call<K extends keyof Calls>(name: K, plain: Calls[K][0]): Promise<Calls[K][1]> {
  if (!bridge) throw toFault('')
  const body = located(name, plain)
  try {
    const answer = (await whenOpen(bridge, name, withWord(name, body))) as Calls[K][1]
    answered(name, body)
    return answer
  } catch (thrown) {
    const fault = toFault(thrown)
    if (fault.code !== 'program.away' && fault.code !== 'web.slow') answered(name, body)
    // The lock screen comes up, or the one that asks for the opening code.
    if (fault.code === 'app.locked' || fault.code === 'web.closed' && name !== 'app.state') announce(['state'])
    throw fault
  }
}

// The program opens its community again within a second or two; nothing was done
// of what is asked meanwhile.
const RENEWING_MS = 400
const RENEWING_TRIES = 10

// whenOpen asks again, a few times, while the community is opened again.
async function whenOpen(at: Bridge, name: string, body: unknown): Promise<unknown> {
  for (let n = 1; ; n++) {
    try {
      return await at.call(name, body)
    } catch (thrown) {
      if (n > RENEWING_TRIES || toFault(thrown).code !== 'app.renewing') throw thrown
    }
    await new Promise((again) => setTimeout(again, RENEWING_MS))
  }
}

// saveFile starts a download (browser) or a save dialogue (window).
export async function saveFile(name: string, query: Record<string, string> = {}): Promise<void> {
  try {
    await bridge?.saveFile(name, locatedFile(query))
  } catch (thrown) {
    throw toFault(thrown)
  }
}

// announce tells every screen that topics changed.
export function announce(topics: Topic[]): void {
  ears.forEach((ear) => ear(topics))
}

// onLost hears that the program may be away; it should be asked.
export function onLost(worry: () => void): () => void {
  worried.add(worry)
  return () => worried.delete(worry)
}

// onTopics hears what changed until the returned function is called.
export function onTopics(hear: (topics: Topic[]) => void): () => void {
  ears.add(hear)
  return () => ears.delete(hear)
}
