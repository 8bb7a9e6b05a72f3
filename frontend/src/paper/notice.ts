import { call } from '@/bridge'
import type { Claim } from '@/bridge/api'
import { printPaper } from './print'

// printNotice lays out the notice of a deduction. It bears address and card number:
// reading them is written to the view log.
export async function printNotice(claim: Claim): Promise<void> {
  printPaper('notice', { claim, person: await call('people.get', { id: claim.person }) })
}
