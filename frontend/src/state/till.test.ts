import { beforeEach, describe, expect, it } from 'vitest'
import { connect } from '@/bridge'
import { mockBridge } from '@/bridge/mock'
import { call } from '@/bridge'
import { useTill } from './till'

let offers: Awaited<ReturnType<typeof load>>
async function load() { return (await call('shop.offers', { all: false })).offers }
const named = (name: string) => offers.find((o) => o.name === name)!

beforeEach(async () => {
  connect(mockBridge('?role=merchant'))
  offers = await load()
})

describe('one visit at the counter', () => {
  it('goes from a scan to a receipt', async () => {
    const till = useTill()
    expect(till.phase.value).toBe('ready')
    expect(await till.scan('02184471')).toBe('person')
    till.add(named('洗衣液'), 2)
    till.add(named('卫生纸'))
    expect([till.phase.value, till.total.value]).toEqual(['cart', 26])
    const made = await till.redeem()
    expect(made).toMatchObject({ total: 26, hereAfter: 34 })
    expect(till.phase.value).toBe('done')
  })
  it('refuses at the counter, takes nothing, and fetches what is missing', async () => {
    const till = useTill()
    await till.scan('02184619')
    till.add(named('电热水壶'))
    expect([till.phase.value, till.missing.value]).toEqual(['refused', 18])
    expect(await till.redeem()).toBeUndefined()
    expect(await till.pull()).toBe(true)
    expect([till.phase.value, till.here.value]).toEqual(['cart', 37])
  })
  it('lets points follow a card, without a refusal meanwhile', async () => {
    const till = useTill()
    await till.scan('02184619')
    const touched = till.touch(35)
    till.add(named('电热水壶'))
    expect([till.phase.value, till.missing.value]).toEqual(['cart', 18])
    await touched
    expect([till.phase.value, till.here.value]).toEqual(['cart', 37])
  })
  it('forgets what was fetched for somebody who has left', async () => {
    const till = useTill()
    await till.scan('02184619')
    const touched = till.touch(35)
    till.clear()
    await touched
    expect(till.account.value).toBe(null)
  })
  it('refuses when nothing came, and does not ask again at once', async () => {
    connect(mockBridge('?role=merchant&offline=1'))
    const till = useTill()
    await till.scan('02184619')
    till.add(named('电热水壶'))
    await till.touch(35)
    expect([till.phase.value, till.fault.value]).toEqual(['refused', null])
    void till.touch(35)
    expect(till.asking.value).toBe(false)
  })
  it('says what cannot be fetched while cut off', async () => {
    connect(mockBridge('?role=merchant&offline=1'))
    const till = useTill()
    await till.scan('02184619')
    till.add(named('电热水壶'))
    expect(await till.pull()).toBe(false)
    expect(till.fault.value?.code).toBe('till.pull.offline')
    expect(till.phase.value).toBe('refused')
  })
  it('adds a scanned label, never beyond the stock', async () => {
    const till = useTill()
    await till.scan('02184471')
    for (let n = 0; n < 5; n++) await till.scan(named('洗衣液').code)
    expect(till.lines.value[0].n).toBe(3)
    till.add(named('洗衣液'), -3)
    expect(till.lines.value).toEqual([])
  })
  it('clears the order when another card comes', async () => {
    const till = useTill()
    await till.scan('02184471')
    till.add(named('卫生纸'))
    expect(await till.scan('02184619')).toBe('other')
    expect(till.lines.value).toEqual([])
  })
  it('is ready for the next one after a receipt', async () => {
    const till = useTill()
    await till.scan('02184471')
    till.add(named('卫生纸'))
    await till.redeem()
    await till.scan('02184619')
    expect([till.phase.value, till.lines.value.length]).toEqual(['cart', 0])
  })
  it('says what it did not recognise', async () => {
    const till = useTill()
    expect(await till.scan('nonsense')).toBe('nothing')
    expect([till.nothing.value, till.phase.value]).toEqual(['nonsense', 'ready'])
  })
})
