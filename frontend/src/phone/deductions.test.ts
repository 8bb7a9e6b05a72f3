import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { PhoneClaim } from '../bridge/api'
import { Away, Refused, pretend } from './call'
import { answer, desk, flush, signOut, unsent } from './desk'
import { inSight, watchSeen } from './seen'
import { deductionState } from './words'

const DAY = 86_400_000
const claim = (more: Partial<PhoneClaim> = {}) => ({ id: 'k1', points: -3, state: 'tell', days: 5, until: 0, ...more }) as PhoneClaim
const alice = { person: 'p1' } as typeof desk.me
let sent: { name: string; body: Record<string, unknown> }[]
let away: boolean
let refuse: string

beforeEach(() => {
  sent = []
  away = false
  refuse = ''
  Object.assign(desk, { token: 't', me: alice, waiting: [], claims: [claim()], refusal: '', notice: '' })
  pretend(async (name, body) => {
    if (away) throw new Away()
    sent.push({ name, body: body as Record<string, unknown> })
    if (refuse) throw new Refused({ code: refuse })
    return { claims: [claim({ state: name === 'phone.shown' ? 'notice' : 'appealed' })] }
  })
})

describe('an appeal that was not right', () => {
  it('is said as such, with the day', () => {
    const told = { state: 'notice', until: Date.now() + DAY, appeal: 'x', why: 'y' } as const
    expect(deductionState(claim(told), Date.now())).toMatch(/^申诉不成立，.+ 扣分$/)
    expect(deductionState(claim({ ...told, state: 'due' }), Date.now())).toBe('申诉不成立，就要扣了')
    expect(deductionState(claim({ ...told, why: '' }), Date.now())).toContain('可以申诉')
  })
})

describe('a word about a deduction', () => {
  it('is sent at once, and the answer is what stands now', async () => {
    expect(await answer('phone.appealClaim', { id: 'k1', text: 'x' })).toHaveLength(1)
    expect(desk.claims[0].state).toBe('appealed')
    expect(JSON.parse(localStorage.getItem('jishan.phone.claims')!)[0].state).toBe('appealed')
  })
  it('is kept while the station is away, however long, and sent for its person only', async () => {
    away = true
    expect(await answer('phone.appealClaim', { id: 'k1', text: 'x' })).toBeNull()
    expect(await answer('phone.shown', { ids: ['k2'] })).toBeNull()
    expect([unsent('phone.appealClaim', 'k1'), unsent('phone.shown', 'k2'), unsent('phone.shown', 'k1')]).toEqual([true, true, false])
    away = false
    for (const w of desk.waiting) w.at -= 30 * DAY
    desk.me = { person: 'p2' } as typeof desk.me
    await flush()
    expect(sent).toEqual([])
    desk.me = alice
    await flush()
    expect(sent.map((s) => s.name)).toEqual(['phone.appealClaim', 'phone.shown'])
    expect(desk.waiting).toHaveLength(0)
    expect(desk.activities.some((a) => a === undefined || 'claims' in a)).toBe(false)
  })
  it('throws a refusal and keeps nothing', async () => {
    refuse = 'claim.state'
    await expect(answer('phone.appealClaim', { id: 'k1', text: 'x' })).rejects.toMatchObject({ code: 'claim.state' })
    expect(desk.waiting).toHaveLength(0)
  })
  it('leaves nothing for who signs in next', () => {
    signOut()
    expect(desk.claims).toEqual([])
    expect(localStorage.getItem('jishan.phone.claims')).toBe('null')
  })
})

describe('what counts as shown', () => {
  afterEach(() => { vi.useRealTimers(); document.body.innerHTML = '' })
  function place(top: number, height: number): HTMLElement {
    const el = document.createElement('div')
    el.setAttribute('data-seen', 'k1')
    document.body.append(el)
    el.getBoundingClientRect = () => ({ top, bottom: top + height, height }) as DOMRect
    return el
  }
  it('is wholly in the window, or as much as it holds', () => {
    const high = window.innerHeight
    expect(inSight(place(10, 100))).toBe(true)
    expect(inSight(place(high - 50, 100))).toBe(false)
    expect(inSight(place(-50, 100))).toBe(false)
    expect(inSight(place(high + 10, 100))).toBe(false)
    expect(inSight(place(-10, high * 3))).toBe(true)
    expect(inSight(place(0, 0))).toBe(false)
  })
  it('stood there at two looks, and is said once', () => {
    vi.useFakeTimers()
    const el = place(10, 100)
    const done = vi.fn()
    const stop = watchSeen(() => [el], done)
    vi.advanceTimersByTime(600)
    expect(done).not.toHaveBeenCalled()
    el.getBoundingClientRect = () => ({ top: 5000, bottom: 5100, height: 100 }) as DOMRect
    vi.advanceTimersByTime(1000)
    expect(done).not.toHaveBeenCalled()
    el.getBoundingClientRect = () => ({ top: 10, bottom: 110, height: 100 }) as DOMRect
    vi.advanceTimersByTime(3000)
    expect(done.mock.calls).toEqual([[['k1']]])
    stop()
  })
  it('is not behind another page of the browser', () => {
    vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
    expect(inSight(place(10, 100))).toBe(false)
    vi.restoreAllMocks()
  })
})

describe('where a deduction stands', () => {
  it('says the days left, or how many there will be', () => {
    expect(deductionState(claim(), 0)).toContain('5')
    expect(deductionState(claim({ state: 'notice', days: 6 }), 0)).toContain('6')
    expect(deductionState(claim({ state: 'notice', until: 2.5 * DAY }), 0)).toContain('3')
  })
})
