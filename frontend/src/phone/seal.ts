import nacl from 'tweetnacl'
import type { Fault } from '../bridge/api'
import { keep, kept } from './keep'

// The page's side of the sealed talk with the station (app/page): over plain
// HTTP browsers offer no cryptography of their own, so it comes along. Nobody
// who listens reads what is said; who changes this page on its way here could.
const utf8 = new TextEncoder()
const text = new TextDecoder()

export interface Station { key: string; clock: number }
export interface Sealed { page?: string; nonce: string; box: string }
export interface Answer { result?: unknown; fault?: Fault }
export interface Question { sealed: Sealed; open(got: Sealed): Answer }

// pageKey is made once and kept: a session belongs to it.
function pageKey(): nacl.BoxKeyPair {
  const secret = kept('page', '')
  if (secret) return nacl.box.keyPair.fromSecretKey(bytes(secret))
  const made = nacl.box.keyPair()
  keep('page', base64(made.secretKey))
  return made
}

// speaker seals for one start of the station; at its clock.
export function speaker(station: Station, here = Date.now()): (name: string, params: unknown) => Question {
  const mine = pageKey()
  const shared = nacl.box.before(bytes(station.key), mine.secretKey)
  const drift = station.clock - here
  return (name, params) => {
    const nonce = nacl.randomBytes(nacl.box.nonceLength)
    const inner = utf8.encode(JSON.stringify({ name, at: Date.now() + drift, params }))
    const sealed = { page: base64(mine.publicKey), nonce: base64(nonce), box: base64(nacl.box.after(inner, nonce, shared)) }
    return { sealed, open: (got) => opened(got, shared, sealed.nonce) }
  }
}

function opened(got: Sealed, shared: Uint8Array, to: string): Answer {
  const inner = nacl.box.open.after(bytes(got.box), bytes(got.nonce), shared)
  if (!inner) throw new Error('an answer that does not open')
  const answer = JSON.parse(text.decode(inner)) as Answer & { to: string }
  if (answer.to !== to) throw new Error('the answer to another question')
  return answer
}

export function base64(of: Uint8Array): string {
  let out = ''
  of.forEach((b) => { out += String.fromCharCode(b) })
  return btoa(out)
}
export function bytes(of: string): Uint8Array {
  return Uint8Array.from(atob(of), (c) => c.charCodeAt(0))
}
