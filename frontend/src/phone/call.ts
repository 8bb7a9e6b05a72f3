import type { Fault, PhoneCalls } from '../bridge/api'

// Away means the station did not answer: nothing is known to have happened.
export class Away extends Error {}
export class Refused extends Error implements Fault {
  readonly code: string
  readonly params?: Record<string, unknown>
  constructor(fault: Fault) {
    super(fault.code)
    this.code = fault.code
    this.params = fault.params
  }
}

const PATIENCE_MS = 8000
export type Send = (name: string, body: unknown) => Promise<unknown>
let send: Send = post

// pretend replaces the network in tests and pictures.
export function pretend(own: Send): void { send = own }

export async function phoneCall<K extends keyof PhoneCalls>(name: K, body: PhoneCalls[K][0]): Promise<PhoneCalls[K][1]> {
  return (await send(name, body)) as PhoneCalls[K][1]
}

// XMLHttpRequest: its timeout works where AbortController is missing.
function post(name: string, body: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', `/phone/call/${name}`)
    request.timeout = PATIENCE_MS
    request.setRequestHeader('Content-Type', 'application/json')
    request.setRequestHeader('X-Jishan', '1')
    request.onerror = request.ontimeout = () => reject(new Away())
    request.onload = () => {
      let answer: unknown
      try {
        answer = JSON.parse(request.responseText || '{}')
      } catch {
        reject(request.status >= 200 && request.status < 300 ? new Refused({ code: 'internal' }) : new Away())
        return
      }
      if (request.status >= 200 && request.status < 300) resolve(answer)
      else reject(new Refused(answer as Fault))
    }
    request.send(JSON.stringify(body))
  })
}
