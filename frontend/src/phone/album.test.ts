import { beforeEach, describe, expect, it } from 'vitest'
import type { PhoneClaim } from '../bridge/api'
import { ALBUM, another, keepOnly, type Shot } from './album'
import { Away, Refused, pretend } from './call'
import { answer, bare, desk, drop, flush, unsent } from './desk'

const shot = (name: string): Shot => ({ name, data: 'A'.repeat(50_000) }) // two pieces
let held: Map<string, Shot>
let full: boolean
let sent: { name: string; body: Record<string, unknown> }[]
let away: boolean
let refuse: Record<string, string>
const names = () => sent.map((s) => s.name)

beforeEach(() => {
  held = new Map()
  full = away = false
  refuse = {}
  sent = []
  another({
    put: async (shots) => { if (full) throw new Error('QuotaExceeded'); for (const s of shots) held.set(s.name, s) },
    get: async (list) => list.flatMap((n) => held.get(n) ?? []),
    names: async () => [...held.keys()],
    drop: async (list) => { for (const n of list) held.delete(n) },
  })
  Object.assign(desk, { token: 't', me: { person: 'p1' }, waiting: [], claims: [], refusal: '', notice: '' })
  pretend(async (name, body) => {
    if (away) throw new Away()
    sent.push({ name, body: body as Record<string, unknown> })
    const code = refuse[name]
    if (code && !(code === 'photo.many' && !(body as { shots: string[] }).shots.length)) throw new Refused({ code })
    return { claims: [{ id: 'k1', state: 'review' } as PhoneClaim] }
  })
})

describe('pictures of what is said while the station is away', () => {
  it('go before it when it answers, and nothing is kept', async () => {
    expect(await answer('phone.reply', { id: 'k1', text: 'x' }, [shot('a')])).toHaveLength(1)
    expect(names()).toEqual(['phone.shot', 'phone.shot', 'phone.reply'])
    expect(sent[2].body.shots).toEqual(['a'])
    expect(held.size).toBe(0)
  })
  it('are kept with it, sent later once, and then forgotten', async () => {
    away = true
    const shots = [shot('a'), shot('b')]
    expect(await answer('phone.reply', { id: 'k1', text: 'x' }, shots)).toBeNull()
    expect([bare(shots), held.size, unsent('phone.reply', 'k1')]).toEqual([false, 2, true])
    expect(localStorage.getItem('jishan.phone.waiting')).not.toContain('AAAA') // names only: words and pictures lie apart
    await flush()
    expect(held.size).toBe(2)
    away = false
    await flush()
    await flush()
    expect(names()).toEqual(['phone.shot', 'phone.shot', 'phone.shot', 'phone.shot', 'phone.reply'])
    expect(sent[4].body).toMatchObject({ id: 'k1', text: 'x', shots: ['a', 'b'] })
    expect([held.size, desk.waiting.length]).toEqual([0, 0])
  })
  it('are left out where the browser has no room, which is said; the words go', async () => {
    away = full = true
    const shots = [shot('a')]
    expect(await answer('phone.claim', { item: 'B1' }, shots)).toBeNull()
    expect(bare(shots)).toBe(true)
    away = false
    await flush()
    expect(names()).toEqual(['phone.claim'])
  })
  it('are bounded', async () => {
    away = true
    for (let n = 0; n < ALBUM; n++) await answer('phone.claim', { item: `B${n}` }, [shot(`s${n}`)])
    const more = [shot('more')]
    await answer('phone.claim', { item: 'Z' }, more)
    expect([held.size, bare(more)]).toEqual([ALBUM, true])
  })
  it('hold up no words: what the station has no room for is left out', async () => {
    away = true
    await answer('phone.reply', { id: 'k1', text: 'x' }, [shot('a')])
    away = false
    refuse = { 'phone.reply': 'photo.many' }
    await flush()
    expect(sent[sent.length - 1].body).toMatchObject({ text: 'x', shots: [] })
    expect([desk.waiting.length, desk.refusal]).toEqual([0, expect.stringContaining('照片')])
  })
  it('are forgotten with what is taken back, and when a page was closed in between', async () => {
    away = true
    await answer('phone.reply', { id: 'k1', text: 'x' }, [shot('a')])
    held.set('left-over', shot('left-over'))
    await keepOnly(['a'])
    expect([...held.keys()]).toEqual(['a'])
    drop(desk.waiting[0])
    await Promise.resolve()
    expect(held.size).toBe(0)
  })
})
