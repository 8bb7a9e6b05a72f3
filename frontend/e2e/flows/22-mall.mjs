// The mall: ordered on a phone, also while the station could not be reached,
// once; fetched by number at the till and by QR text from a gun; cancelled; what
// waits can't be spent otherwise.
import { by, count, digits, founded, gun, phoneNumber, shown, text, withPoints } from '../screens.mjs'
import { equal, until } from '../stage.mjs'

export default async function (stage) {
  const office = await founded(stage)
  const phone = phoneNumber(1)
  const [who] = await withPoints(office, [{ name: '居民甲', phone, points: 40 }])
  for (const [name, points] of [['香皂', 4], ['洗衣液', 8]]) {
    const { id } = await office.call('shop.save', { id: '', name, unit: '1 块', kind: 'goods', points, minimum: 0, icon: 'soap', active: true, code: '' })
    await office.call('shop.receive', { offer: id, n: 5, why: '' })
  }
  const page = await stage.page(office.phone, { phone: true })
  await page.locator(by('tab-mall')).click()
  await count(page, by('phone-offer'), 2)
  await stage.read(page, 'mall, signed out')
  await page.locator(by('tab-me')).click()
  await page.locator(by('phone-code')).fill(digits(who.code))
  await page.locator(by('phone-tail')).fill(phone.slice(-4))
  await page.locator(by('phone-sign-in')).click()
  await shown(page, by('phone-spendable'), /^40$/)

  await page.locator(by('tab-mall')).click()
  const more = (name) => page.locator(`${by('phone-offer')}[data-name="${name}"] ${by('phone-offer-more')}`)
  await more('洗衣液').click({ clickCount: 2 })
  await page.locator(by('phone-order')).click()
  await page.locator(by('phone-pick')).waitFor()
  const first = digits(await text(page, by('phone-pick-number')))
  equal(first.length, 6, 'digits of the pick-up code')
  await stage.read(page, 'mall, ordered')

  // The network goes; the order waits on the phone and goes out once.
  await page.context().setOffline(true)
  await more('香皂').click()
  await page.locator(by('phone-order')).click()
  await page.locator(by('phone-unsent')).waitFor()
  await stage.read(page, 'mall, not sent yet')
  equal((await office.call('till.reservations', {})).rows.length, 1, 'orders while the phone is away')
  await page.context().setOffline(false)
  await until('the order arrives', () => office.call('till.reservations', {}), (r) => r.rows.length === 2)
  await count(page, by('phone-unsent'), 0)
  await count(page, by('phone-pick'), 2)

  const till = await stage.page(office.url)
  await till.evaluate(() => { location.hash = '/till' })
  await till.locator(by('till-field')).fill(digits(who.code))
  await till.keyboard.press('Enter')
  await shown(till, by('till-here'), /^20$/)
  await shown(till, by('till-kept'), /^20$/)
  await till.keyboard.press('Escape')
  await till.locator(by('till-field')).fill(first)
  await till.keyboard.press('Enter')
  await till.locator(by('till-pick')).waitFor()
  await count(till, by('cart-line'), 1)
  await stage.read(till, 'till, pick-up')
  await till.keyboard.press('Enter')
  await till.locator(by('done')).waitFor()
  await shown(till, by('done'), /16/)

  // The other one is fetched by the gun.
  const { rows } = await office.call('till.reservations', {})
  await gun(till, `JSP1:${rows[0].id.toUpperCase()}`)
  await till.locator(by('till-pick')).waitFor()
  await till.keyboard.press('Enter')
  await until('both are fetched', () => office.call('till.today', { day: '' }), (r) => r.receipts.length === 2 && r.total === 20)

  await page.reload()
  await count(page, by('phone-past'), 2)
  await more('香皂').click()
  await page.locator(by('phone-order')).click()
  await page.locator(by('phone-pick-cancel')).click()
  await page.locator(by('phone-pick-cancel')).click()
  await count(page, by('phone-past'), 3)
  equal((await office.call('till.reservations', {})).rows.length, 0, 'orders that wait')
  await stage.read(page, 'mall, afterwards')
}
