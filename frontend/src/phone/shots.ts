import type { Fault } from '../bridge/api'
import type { Shot } from './album'
import { Away } from './call'

// Pictures go before the claim they belong to, in pieces that a call of a phone holds.
// A claim waits for none that the station refuses; when it is away they are kept with
// the claim.
const PIECE = 30_000 // bytes; a multiple of three, so that pieces of base64 fit together
export type Send = (piece: { name: string; at: number; piece: string }) => Promise<unknown>

export async function sendShots(shots: Shot[], send: Send): Promise<string[]> {
  const sent: string[] = []
  for (const s of shots) {
    try {
      const step = (PIECE / 3) * 4
      for (let i = 0; i < s.data.length; i += step) await send({ name: s.name, at: (i / 4) * 3, piece: s.data.slice(i, i + step) })
      sent.push(s.name)
    } catch (thrown) {
      if (thrown instanceof Away || !(thrown as Fault).code?.startsWith('photo.')) throw thrown
    }
  }
  return sent
}
