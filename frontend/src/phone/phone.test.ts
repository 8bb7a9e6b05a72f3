import { beforeEach, describe, expect, it } from 'vitest'
import type { PhoneActivity } from '../bridge/api'
import { Away, Refused, pretend } from './call'
import { act, deal, desk, flush, setBasket } from './desk'
import { onceNumber } from './keep'

const activity = { id: 'a1', title: 'x', mine: 'confirmed' } as PhoneActivity
let sent: { name: string; once: string }[]
let away: boolean
let refuse: string

beforeEach(() => {
  sent = []
  away = false
  refuse = ''
  Object.assign(desk, { token: 't', waiting: [], activities: [], refusal: '', notice: '', away: false })
  pretend(async (name, body) => {
    if (away) throw new Away()
    sent.push({ name, once: (body as { once: string }).once })
    if (refuse) throw new Refused({ code: refuse })
    return activity
  })
})

describe('what was tapped while the station was away', () => {
  it('is kept with its number and sent later, once', async () => {
    away = true
    expect(await act('phone.signUp', { id: 'a1' })).toBeNull()
    expect(desk.waiting).toHaveLength(1)
    const once = desk.waiting[0].body.once
    await flush()
    expect(desk.waiting).toHaveLength(1)
    away = false
    await Promise.all([flush(), flush()])
    expect(sent).toEqual([{ name: 'phone.signUp', once }])
    expect(desk.waiting).toHaveLength(0)
    expect(JSON.parse(localStorage.getItem('jishan.phone.waiting')!)).toEqual([])
  })
  it('keeps its order, and a refusal does not hold up the rest', async () => {
    away = true
    await act('phone.signUp', { id: 'a1' })
    await act('phone.signOff', { id: 'a1' })
    away = false
    refuse = 'activity.cancelled'
    await flush()
    expect(sent.map((s) => s.name)).toEqual(['phone.signUp', 'phone.signOff'])
    expect(desk.waiting).toHaveLength(0)
    expect(desk.refusal).not.toBe('')
  })
  it('waits for a sign-in', async () => {
    away = true
    await act('phone.signUp', { id: 'a1' })
    away = false
    desk.token = ''
    await flush()
    expect(sent).toEqual([])
    expect(desk.waiting).toHaveLength(1)
  })
})

describe('act', () => {
  it('throws a refusal and keeps nothing', async () => {
    refuse = 'activity.full'
    await expect(act('phone.signUp', { id: 'a1' })).rejects.toMatchObject({ code: 'activity.full' })
    expect(desk.waiting).toHaveLength(0)
  })
  it('makes a new number for every deed', () => {
    const numbers = new Set(Array.from({ length: 200 }, onceNumber))
    expect(numbers.size).toBe(200)
    expect([...numbers][0]).toMatch(/^[0-9a-f]{32}$/)
  })
})

describe('an order while the station was away', () => {
  const lines = [{ offer: 'o1', n: 2 }]
  const alice = { person: 'p1' } as typeof desk.me
  beforeEach(() => { desk.me = alice; setBasket({}) })
  it('is kept without the PIN and sent once under its word', async () => {
    away = true
    expect(await deal('phone.order', { lines, pin: '2718', once: 'word-0001' })).toBeNull()
    expect(localStorage.getItem('jishan.phone.waiting')).not.toContain('2718')
    away = false
    await Promise.all([flush(), flush()])
    expect(sent).toEqual([{ name: 'phone.order', once: 'word-0001' }])
    expect(desk.waiting).toHaveLength(0)
  })
  it('comes back as a basket when it is refused', async () => {
    away = true
    await deal('phone.order', { lines, pin: '2718', once: 'word-0001' })
    away = false
    refuse = 'mall.pin'
    await flush()
    expect(desk.basket).toEqual({ o1: 2 })
    expect(desk.refusal).not.toBe('')
  })
  it('is never sent for somebody else', async () => {
    away = true
    await deal('phone.order', { lines, pin: '', once: 'word-0001' })
    away = false
    desk.me = { person: 'p2' } as typeof desk.me
    await flush()
    expect(sent).toEqual([])
    desk.me = alice
    await flush()
    expect(sent).toHaveLength(1)
  })
})
