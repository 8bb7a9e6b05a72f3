import { call } from '@/bridge'
import { toFault } from '@/bridge/fault'
import { speak } from '@/i18n'
import { ask, say, sayFault } from './said'

// takeBack takes back, after a question, a deed that was recorded here and is not paid; it
// says whether that was done.
export async function takeBack(deed: string, name: string): Promise<boolean> {
  if (!(await ask({ title: speak('correct.takeBackSure', { name }), text: speak('correct.takeBackText'), yes: speak('correct.takeBack') }))) return false
  try { await call('deed.takeBack', { deed }) } catch (thrown) { sayFault(toFault(thrown)); return false }
  say(speak('correct.takeBackDone'))
  return true
}
