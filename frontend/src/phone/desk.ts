import { reactive } from 'vue'
import type { Fault, PhoneActivity, PhoneCalls, PhoneClaim, PhoneMe, PhoneShelf, PhoneWish, Posted } from '../bridge/api'
import { dropShots, keepOnly, keepShots, keptShots, type Shot } from './album'
import { Away, Refused, phoneCall } from './call'
import { keep, kept, onceNumber } from './keep'
import { sendShots, type Send } from './shots'
import { faultText, t } from './words'

// The phone's state: who is signed in, what was last seen, what waits to be
// sent. What was tapped while the station was away is sent later, once.
type Order = 'phone.order' | 'phone.cancelOrder'
type Notice = 'phone.shown' | 'phone.appealClaim' | 'phone.claim' | 'phone.reply'
type Deed = 'phone.signUp' | 'phone.signOff' | 'phone.checkIn' | 'phone.postWish' | Order | Notice
// who: the person who was signed in. An order or an appeal of one is never sent as another's.
export interface Waiting { name: Deed; body: Record<string, unknown>; at: number; who?: string }
// A rotating code older than this is refused anyway; the rest may wait long, and a word
// about a deduction for ever.
const MAX_WAIT_MS = 3 * 86_400_000
const RETRY_MS = 5000
const FRESH_MS = 60_000 // points that were spent at a till show here a minute later at most

export type Basket = Record<string, number>

export const desk = reactive({
  token: kept('token', ''),
  me: kept<PhoneMe | null>('me', null),
  claims: kept<PhoneClaim[] | null>('claims', []) ?? [],
  activities: kept<PhoneActivity[]>('activities', []),
  board: kept<Posted[]>('board', []),
  noticed: kept<string[]>('noticed', []), // notices that were opened here
  shelf: kept<PhoneShelf | null>('shelf', null),
  basket: kept<Basket>('basket', {}), // pieces of an offer
  seen: kept('seen', 0), // when the station last answered
  read: kept('read', 0), // when the person's points were read
  hello: kept<PhoneCalls['phone.hello'][1] | null>('hello', null),
  drift: kept('drift', 0),
  away: false,
  waiting: kept<Waiting[]>('waiting', []),
  notice: '' as string,
  refusal: '' as string,
})

export const now = () => Date.now() + desk.drift

// ask calls the station and notes whether it answered.
export async function ask<K extends keyof PhoneCalls>(name: K, body: PhoneCalls[K][0]): Promise<PhoneCalls[K][1]> {
  try {
    const got = await phoneCall(name, body)
    answered()
    return got
  } catch (thrown) {
    if (thrown instanceof Away) desk.away = true
    else answered()
    if (thrown instanceof Refused && thrown.code === 'phone.signIn') signOut()
    throw thrown
  }
}
function answered() {
  desk.away = false
  desk.seen = Date.now()
  keep('seen', desk.seen)
}

export async function signIn(code: string, tail: string): Promise<void> {
  const got = await ask('phone.signIn', { code, tail })
  desk.token = got.token
  keep('token', got.token)
  setMe(got.me)
  await refresh()
}
export function signOut(): void {
  desk.token = ''
  desk.me = null
  for (const key of ['token', 'me', 'lines', 'claims', 'vouchers', 'pass', 'wishes', 'wishDraft', 'appealDraft', 'claimDraft', 'replyDraft']) keep(key, key === 'token' ? '' : null)
  desk.claims = []
  desk.board = [] // those of a grid are for who lives there
  keep('board', [])
  if (desk.shelf) setShelf({ ...desk.shelf, free: 0, orders: [] })
  setBasket({})
}
function setMe(me: PhoneMe) {
  desk.me = me
  keep('me', me)
  setClock(me.clock)
}
function setClock(clock: number) {
  desk.drift = clock - Date.now()
  keep('drift', desk.drift)
}

// refresh reads everything the first page shows. What fails stays as it was.
export async function refresh(): Promise<void> {
  try {
    desk.hello = await ask('phone.hello', {})
    keep('hello', desk.hello)
    setClock(desk.hello.clock)
    if (desk.token) setMe(await ask('phone.me', { token: desk.token }))
    if (desk.token) setClaims((await ask('phone.claims', { token: desk.token })).claims)
    desk.read = Date.now()
    keep('read', desk.read)
    desk.activities = (await ask('phone.activities', { token: desk.token })).rows
    keep('activities', desk.activities)
    desk.board = (await ask('phone.board', { token: desk.token })).notices
    keep('board', desk.board)
    await flush()
  } catch (thrown) {
    if (!(thrown instanceof Away)) desk.refusal = faultText(thrown as Fault)
  }
}

// hanging are the notices whose days are not over, also while the station is away.
export const hanging = () => desk.board.filter((n) => n.until > now())
// opened notes that notices were read; what hangs no more is forgotten.
export function opened(ids: string[]): void {
  desk.noticed = desk.board.map((n) => n.id).filter((id) => ids.includes(id) || desk.noticed.includes(id))
  keep('noticed', desk.noticed)
}

export function put(activity: PhoneActivity): void {
  const at = desk.activities.findIndex((a) => a.id === activity.id)
  if (at >= 0) desk.activities.splice(at, 1, activity)
  else desk.activities.push(activity)
  keep('activities', desk.activities)
}

// act does a deed now, or keeps it. It returns the activity, or null when the
// deed was kept for later; a refusal is thrown.
export async function act(name: Exclude<Deed, 'phone.postWish' | Order | Notice>, body: Record<string, unknown>): Promise<PhoneActivity | null> {
  const full = { ...body, token: desk.token, once: onceNumber() }
  try {
    const got = await ask(name, full as never)
    put(got)
    return got
  } catch (thrown) {
    if (!(thrown instanceof Away)) throw thrown
    desk.waiting.push({ name, body: full, at: Date.now() })
    keep('waiting', desk.waiting)
    return null
  }
}

// post sends a wish now, or keeps it; null means it was kept for later. The
// same word goes along each time, so it is posted once.
export async function post(body: Record<string, unknown>): Promise<PhoneWish | null> {
  const full = { ...body, token: desk.token }
  try {
    return await ask('phone.postWish', full as never)
  } catch (thrown) {
    if (!(thrown instanceof Away)) throw thrown
    desk.waiting.push({ name: 'phone.postWish', body: full, at: Date.now() })
    keep('waiting', desk.waiting)
    return null
  }
}

function setClaims(claims: PhoneClaim[]): void {
  desk.claims = claims
  keep('claims', claims)
}
// answer says a word about claims now, or keeps it: that a deduction was shown, the
// person's appeal, what the person claims or says to a question; null means it was kept for
// later, with its pictures where they could be (bare tells). Said twice it counts once.
export async function answer(name: Notice, body: Record<string, unknown>, shots?: Shot[]): Promise<PhoneClaim[] | null> {
  try {
    const got = await ask(name, { ...body, ...(shots && { shots: await sendShots(shots, piece) }), token: desk.token } as never)
    setClaims((got as { claims: PhoneClaim[] }).claims)
    return desk.claims
  } catch (thrown) {
    if (!(thrown instanceof Away)) throw thrown
    desk.waiting.push({ name, body: { ...body, ...(shots && { shots: await keepShots(shots) }) }, at: Date.now(), who: desk.me?.person })
    keep('waiting', desk.waiting)
    return null
  }
}
const piece: Send = (body) => ask('phone.shot', { ...body, token: desk.token })
const shotsOf = (w: Waiting) => (w.body.shots as string[] | undefined) ?? []
// bare tells whether pictures of what was kept last were not kept with it.
export const bare = (shots: Shot[]) => shots.length > 0 && !desk.waiting.some((w) => shotsOf(w).includes(shots[0].name))
const isNotice = (w: Waiting) => ['phone.shown', 'phone.appealClaim', 'phone.claim', 'phone.reply'].includes(w.name)
// unsent tells whether a word about a deduction is kept here still.
export const unsent = (name: Notice, id: string) => desk.waiting.some((w) => w.name === name && w.who === desk.me?.person && (w.body.id === id || ((w.body.ids as string[] | undefined) ?? []).includes(id)))

export function setShelf(shelf: PhoneShelf): void {
  desk.shelf = shelf
  keep('shelf', shelf)
}
export function setBasket(basket: Basket): void {
  desk.basket = basket
  keep('basket', basket)
}

// deal orders or cancels now, or keeps it; null means it was kept for later. The
// card's PIN is never kept on the phone: where the station asks for it later,
// the basket comes back.
export async function deal(name: Order, body: Record<string, unknown>): Promise<PhoneShelf | null> {
  try {
    const got = await ask(name, { ...body, token: desk.token } as never) as PhoneShelf
    setShelf(got)
    return got
  } catch (thrown) {
    if (!(thrown instanceof Away)) throw thrown
    desk.waiting.push({ name, body: 'pin' in body ? { ...body, pin: '' } : body, at: Date.now(), who: desk.me?.person })
    keep('waiting', desk.waiting)
    return null
  }
}
// drop takes back what was not sent yet.
export function drop(one: Waiting): void {
  desk.waiting.splice(desk.waiting.indexOf(one), 1)
  keep('waiting', desk.waiting)
  void dropShots(shotsOf(one))
}
function refusedLater(one: Waiting, fault: Fault) {
  desk.refusal = faultText(fault)
  if (one.name !== 'phone.order') return
  const basket = { ...desk.basket }
  for (const l of one.body.lines as { offer: string; n: number }[]) basket[l.offer] = Math.max(basket[l.offer] ?? 0, l.n)
  setBasket(basket)
}

let flushing = false
// flush sends what waits, oldest first; the number "once" makes a repeat
// harmless. A refusal is shown and the deed dropped.
export async function flush(): Promise<void> {
  if (flushing || !desk.waiting.length || !desk.token) return
  flushing = true
  try {
    for (;;) {
      const next = desk.waiting.find((w) => !w.who || w.who === desk.me?.person)
      if (!next) return
      if (isNotice(next) || Date.now() - next.at < MAX_WAIT_MS) {
        try {
          const shots = shotsOf(next).length ? { shots: await sendShots(await keptShots(shotsOf(next)), piece) } : {}
          const got = await ask(next.name, { ...next.body, ...shots, token: desk.token } as never)
          if (next.name === 'phone.order' || next.name === 'phone.cancelOrder') setShelf(got as PhoneShelf)
          else if (isNotice(next)) setClaims((got as { claims: PhoneClaim[] }).claims)
          else if (next.name !== 'phone.postWish') put(got as PhoneActivity) // the list of wishes is asked for by its page
          if (next.name !== 'phone.shown') desk.notice = t('sent')
        } catch (thrown) {
          if (thrown instanceof Away) return
          if (next.name === 'phone.claim' && (thrown as Fault).code === 'claim.double') desk.notice = t('sent') // it arrived, its answer did not
          else if ((thrown as Fault).code === 'photo.many' && shotsOf(next).length) { // no room for them there: the words go without
            desk.refusal = faultText(thrown as Fault)
            void dropShots(shotsOf(next))
            next.body.shots = []
            continue
          } else refusedLater(next, thrown as Fault)
        }
      }
      drop(next)
    }
  } finally {
    flushing = false
  }
}

export function start(): void {
  void keepOnly(desk.waiting.flatMap(shotsOf))
  void refresh()
  setInterval(() => { if (desk.away || desk.waiting.length || (!document.hidden && Date.now() - desk.read > FRESH_MS)) void refresh() }, RETRY_MS)
  window.addEventListener('online', () => void refresh())
  document.addEventListener('visibilitychange', () => { if (!document.hidden) void refresh() })
}
