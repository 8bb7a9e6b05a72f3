import type { Calls } from './api'

// Calls that would do their work a second time. They carry a word, and a request
// whose answer was lost is repeated under the same one (app/node/once.go).
export const ONCE: ReadonlySet<keyof Calls> = new Set<keyof Calls>([
  'people.register', 'people.replaceCard', 'people.household', 'people.rosterImport',
  'deed.record', 'deed.deduct', 'correction.make', 'claim.post', 'photo.add', 'activity.publish', 'activity.scanCard',
  'order.reply', 'job.reply', 'project.save', 'team.save', 'survey.save',
  'shop.save', 'shop.receive', 'till.redeem', 'till.reserve', 'voucher.issue', 'honour.use', 'credit.assess', 'hours.issue', 'hours.send', 'assess.begin', 'assess.object', 'selection.begin', 'selection.nominate', 'selection.object', 'publicity.post', 'fund.add', 'duty.open', 'duty.done', 'council.enter', 'council.propose', 'council.reply', 'award.open',
])

// Words of requests that were not answered yet, by what they ask for.
const open = new Map<string, string>()
const MOST = 200

function newWord(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('')
}

// withWord gives a request its word: the one that an unanswered request for the
// same had, else a new one.
export function withWord(name: keyof Calls, body: unknown): unknown {
  if (!ONCE.has(name)) return body
  const key = name + JSON.stringify(body)
  const word = open.get(key) ?? newWord()
  if (open.size >= MOST) open.delete(open.keys().next().value!)
  open.set(key, word)
  return { ...(body as object), once: word }
}

// answered ends a word: the next request for the same is another one.
export function answered(name: keyof Calls, body: unknown): void {
  if (ONCE.has(name)) open.delete(name + JSON.stringify(body))
}
