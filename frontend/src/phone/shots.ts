import type { Fault } from '../bridge/api'
import { Away } from './call'
import { ask, desk } from './desk'

// Pictures go before the claim they belong to, in pieces that a call of a phone holds.
// A claim waits for none of them: what can't be sent now is left out.
export interface Shot { name: string; data: string } // base64 of a JPEG
const PIECE = 30_000 // bytes; a multiple of three, so that pieces of base64 fit together

export async function sendShots(shots: Shot[]): Promise<string[]> {
  const sent: string[] = []
  for (const s of shots) {
    try {
      const step = (PIECE / 3) * 4
      for (let i = 0; i < s.data.length; i += step) await ask('phone.shot', { token: desk.token, name: s.name, at: (i / 4) * 3, piece: s.data.slice(i, i + step) })
      sent.push(s.name)
    } catch (thrown) {
      if (thrown instanceof Away) break
      if (!(thrown as Fault).code?.startsWith('photo.')) throw thrown
    }
  }
  return sent
}
