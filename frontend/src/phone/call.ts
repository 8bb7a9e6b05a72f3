import type { Fault, PhoneCalls } from '../bridge/api'
import { speaker, type Answer, type Question, type Sealed, type Station } from './seal'

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
let send: Send = sealed

// pretend replaces the network in tests and pictures.
export function pretend(own: Send): void { send = own }

export async function phoneCall<K extends keyof PhoneCalls>(name: K, body: PhoneCalls[K][0]): Promise<PhoneCalls[K][1]> {
  return (await send(name, body)) as PhoneCalls[K][1]
}

// The station of this visit; its key is another one after every start.
let say: ReturnType<typeof speaker> | null = null

// sealed asks so that only the station reads the question and only this page
// the answer. What the station can't open - it was started anew, a clock was
// set - is sealed once more with what it says now.
async function sealed(name: string, body: unknown): Promise<unknown> {
  for (let again = false; ; again = true) {
    say ??= speaker((await post('phone.station', {})) as Station)
    const question = say(name, body)
    let got: unknown
    try {
      got = await post(name, question.sealed)
    } catch (thrown) {
      if (again || !(thrown instanceof Refused) || thrown.code !== 'page.seal') throw thrown
      say = null
      continue
    }
    const answer = opened(question, got as Sealed)
    if (answer.fault) throw new Refused(answer.fault)
    return answer.result
  }
}
function opened(question: Question, got: Sealed): Answer {
  try {
    return question.open(got)
  } catch {
    say = null
    throw new Away() // somebody else answered: nothing is known
  }
}

// XMLHttpRequest: its timeout works where AbortController is missing.
function post(name: string, body: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', `/phone/call/${name}`)
    request.timeout = PATIENCE_MS
    request.setRequestHeader('Content-Type', 'application/json')
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
