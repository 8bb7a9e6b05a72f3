import { computed, ref, shallowRef } from 'vue'
import { call } from '@/bridge'
import type { Account, Offer, Receipt, Reservation, Scan } from '@/bridge/api'
import { CallFault, toFault } from '@/bridge/fault'
import { bestOff } from '@/words/terms'
import { useVisits } from './visits'

export type TillPhase = 'ready' | 'cart' | 'refused' | 'done'
export interface CartLine { offer: Offer; n: number }
// The largest number of one thing in one order: more is a slip of the finger.
export const MAX_PIECES = 99
// A till asks for the same points again only after a while: a card that lies on
// the scanner must not keep the other computers busy.
const TOUCH_AGAIN_MS = 10_000

// A merchant's computer does not hold the balance; what it says beyond what lies
// here would be a guess.
export const isBlind = (role: string, who: Account) => role === 'merchant' && who.spendable <= who.here

// within is what an order may take here in all: what waits for another order is no
// part of it.
export const within = (who: Account) => who.spendable - who.kept

// useTill holds one visit at the counter: who, what, and how it ended. It
// knows no keys and no drawing.
export function useTill() {
  const account = shallowRef<Account | null>(null)
  const lines = ref<CartLine[]>([])
  const receipt = shallowRef<Receipt | null>(null)
  const pick = shallowRef<Reservation | null>(null) // the order from a phone that is being fetched
  const before = ref(0)
  const nothing = ref('')
  const moved = ref('') // the community that the card shown last was of, if the screen went there for it
  const passed = shallowRef<Scan['pass'] | null>(null) // the discount pass that was scanned last
  const took = ref(0) // points of the voucher that was scanned last
  const refused = ref(false)
  const fault = shallowRef<CallFault | null>(null)
  const asking = ref(false)
  const told = shallowRef<{ person: string; missing: string[] } | null>(null) // who gave no answer when others were asked for this person's points
  const proof = shallowRef<{ above: number; pin: boolean; known: boolean } | null>(null) // what must be shown before this order
  let asked = { person: '', need: 0, at: 0 }
  const busy = ref<'' | 'scan' | 'redeem' | 'pull' | 'reserve' | 'undo'>('')

  const list = computed(() => lines.value.reduce((sum, l) => sum + l.offer.points * l.n, 0)) // at full price
  const less = computed(() => bestOff(account.value?.off ?? [], lines.value.map((l) => ({ points: l.offer.points, n: l.n }))))
  const total = computed(() => list.value - (less.value?.n ?? 0)) // what is paid
  const here = computed(() => account.value?.here ?? 0)
  const missing = computed(() => Math.max(0, total.value - here.value))
  const phase = computed<TillPhase>(() => (receipt.value ? 'done' : !account.value ? 'ready' : refused.value || (missing.value > 0 && !asking.value) ? 'refused' : 'cart'))
  const wire = computed(() => lines.value.map((l) => ({ offer: l.offer.id, n: l.n })))

  function clear() {
    account.value = null
    lines.value = []
    pick.value = null
    receipt.value = null
    nothing.value = ''
    refused.value = false
    fault.value = null
    proof.value = null
  }
  function empty() {
    if (pick.value) { clear(); return } // its points are shown as here for it alone
    lines.value = []
    refused.value = false
    fault.value = null
  }
  async function during<T>(what: typeof busy.value, deed: () => Promise<T>): Promise<T | undefined> {
    if (busy.value) return undefined
    busy.value = what
    fault.value = null
    try {
      return await deed()
    } catch (thrown) {
      fault.value = toFault(thrown)
      return undefined
    } finally {
      busy.value = ''
    }
  }
  async function scan(text: string): Promise<'person' | 'other' | 'offer' | 'pick' | 'pass' | 'nothing' | ''> {
    took.value = 0
    passed.value = null
    moved.value = ''
    let got = await during('scan', () => call('till.scan', { text, person: receipt.value ? '' : account.value?.person ?? '' }))
    if (!got && fault.value?.code === 'visits.card') { // of another community of this computer: go there
      const { at, name } = fault.value.params ?? {}
      clear()
      useVisits().go(String(at))
      got = await during('scan', () => call('till.scan', { text }))
      if (got) moved.value = String(name)
    }
    if (!got) return ''
    took.value = got.voucher?.points ?? 0
    passed.value = got.pass ?? null
    nothing.value = ''
    if (got.kind === 'pass') return 'pass'
    if (got.kind === 'pick' && got.pick && got.account) { await fetchOrder(got.pick, got.account); return 'pick' }
    if (got.kind === 'person' && got.account) {
      if (pick.value && !got.pass) { pick.value = null; lines.value = [] }
      const other = !!account.value && account.value.person !== got.account.person && lines.value.length > 0
      if (receipt.value || other) lines.value = []
      receipt.value = null
      refused.value = false
      account.value = got.account
      return other ? 'other' : 'person'
    }
    if (got.kind === 'offer' && got.offer) { add(got.offer); return 'offer' }
    nothing.value = text
    return 'nothing'
  }
  // fetchOrder lays out an order that was made on a phone.
  async function fetchOrder(order: Reservation, who: Account) {
    const shelf = await during('scan', () => call('shop.offers', { all: false }))
    if (!shelf) return
    clear()
    account.value = who
    pick.value = order
    for (const l of order.lines) {
      const offer = shelf.offers.find((o) => o.id === l.offer)
      if (offer) lines.value.push({ offer, n: l.n })
      else fault.value = toFault({ code: 'shop.offer.inactive', params: { name: l.name } })
    }
  }
  function add(offer: Offer, by = 1) {
    if (receipt.value) { receipt.value = null; lines.value = []; account.value = null }
    const line = lines.value.find((l) => l.offer.id === offer.id)
    const top = offer.stock < 0 ? MAX_PIECES : Math.min(MAX_PIECES, offer.stock)
    const n = Math.min(top, (line?.n ?? 0) + by)
    refused.value = false
    fault.value = null
    if (n <= 0) lines.value = lines.value.filter((l) => l.offer.id !== offer.id)
    else if (line) line.n = n
    else lines.value.push({ offer, n })
  }
  // redeem asks for the order; given is the proof, once the program asked for it.
  async function redeem(given: { pin?: string; word?: boolean } = {}): Promise<Receipt | undefined> {
    const who = account.value
    if (!who || who.valid === 'blocked' || !lines.value.length || missing.value) return undefined
    before.value = who.here
    const made = await during('redeem', () => call('till.redeem', { person: who.person, pick: pick.value?.id ?? '', lines: wire.value, pin: given.pin ?? '', word: given.word ?? false }))
    if (made) { receipt.value = made; pick.value = null; proof.value = null; return made }
    const f = fault.value
    if (f?.code === 'till.proof') { proof.value = { above: Number(f.params?.above ?? 0), pin: f.params?.pin === true, known: f.params?.known === true }; fault.value = null; return undefined }
    if (f?.code.startsWith('till.pin.')) { if (f.code === 'till.pin.none' && proof.value) proof.value = { ...proof.value, pin: false }; return undefined }
    proof.value = null
    // The program knows better than the screen what is here.
    if (fault.value?.code.startsWith('till.') || fault.value?.code.startsWith('ledger.')) await refresh(who)
    return undefined
  }
  async function refresh(who: Account) {
    const refusal = fault.value
    try {
      const got = await call('till.scan', { text: pick.value ? `JSP1:${pick.value.id}` : who.code })
      if (got.account && account.value?.person === who.person) account.value = got.account
    } catch {
      // the refusal already on screen says enough
    }
    fault.value = refusal
    refused.value = missing.value > 0
  }
  // pull fetches until as much is here as the order needs, or as there is.
  async function pull(need = total.value): Promise<boolean> {
    const who = account.value
    if (!who) return false
    const got = await during('pull', () => call('till.pull', { person: who.person, need }))
    if (got) { account.value = got; told.value = { person: got.person, missing: got.missing } }
    return !!got && got.here >= need
  }
  // touch lets points follow their owner: a card shown here, or an order above
  // what is here, makes this till ask the computers in reach. It runs beside the
  // visit, which never waits for it; what came shows in account.
  async function touch(need: number) {
    const who = account.value
    if (!who || asking.value || busy.value || receipt.value || need <= who.here) return
    if (asked.person === who.person && need <= asked.need && Date.now() < asked.at + TOUCH_AGAIN_MS) return
    asking.value = true
    try {
      const got = await call('till.pull', { person: who.person, need })
      if (got.here < need) asked = { person: who.person, need, at: Date.now() }
      if (account.value?.person === who.person && !receipt.value) { account.value = got; told.value = { person: got.person, missing: got.missing } }
    } catch {
      asked = { person: who.person, need, at: Date.now() } // nothing came: the screen says what is missing, and offers to ask again
    } finally {
      asking.value = false
    }
  }
  async function sendHome(text: string): Promise<number> {
    return (await during('scan', () => call('voucher.return', { text })))?.points ?? 0
  }
  async function reserve() {
    const who = account.value
    if (!who) return undefined
    return during('reserve', () => call('till.reserve', { person: who.person, lines: wire.value }))
  }
  async function undo(made: Receipt): Promise<boolean> {
    return (await during('undo', () => call('ledger.undo', { ref: made.ref }).then(() => true))) ?? false
  }
  return { list, less, passed, told, pick, proof, took, moved, sendHome, account, lines, receipt, before, nothing, fault, busy, asking, total, here, missing, phase, clear, empty, scan, add, redeem, pull, touch, reserve, undo }
}
export type Till = ReturnType<typeof useTill>
