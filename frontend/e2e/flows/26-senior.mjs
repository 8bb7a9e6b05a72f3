// Senior mode: switched on by one button at the station's home and on the phone's
// first page, remembered, and what it promises measured (senior.mjs) on the station's
// home and steps, the till in every phase and all phone pages, at 1280 and at 390 wide.
import { by, count, digits, founded, go, gun, phoneNumber, said, scanPerson, shown, text, tile, withPoints } from '../screens.mjs'
import { equal, holds, quiet, until } from '../stage.mjs'
import { shortcomings } from '../senior.mjs'

const HOUR = 3_600_000
const DESK = { width: 1280, height: 800 }
const HAND = { width: 390, height: 844 }
export const weight = 6
export default async function (stage) {
  const office = await founded(stage)
  const [elder, poor] = await withPoints(office, [{ name: '居民甲', phone: phoneNumber(1), points: 95 }, { name: '居民乙', phone: phoneNumber(2), points: 5 }])
  for (const [name, points] of [['香皂', 4], ['洗衣液', 8]]) {
    const { id } = await office.call('shop.save', { id: '', name, unit: '块', kind: 'goods', points, minimum: 0, icon: 'soap', active: true, code: '' })
    await office.call('shop.receive', { offer: id, n: 9, why: '' })
  }
  const now = Date.now()
  const { id: activity } = await office.call('activity.publish', { title: '护河巡查', type: '环境', start: now - HOUR, end: now + HOUR, place: '东门', places: 5, item: 'HJ02', organiser: '王经办', note: '自带水杯' })
  await office.call('settings.save', { theme: 'auto' }) // senior.mjs chooses the theme as a computer does

  const page = await stage.page(`${office.url}#/station`)
  await page.locator(by('station-query')).waitFor()
  holds((await shortcomings(page)).length, 'nothing to measure: the usual station home keeps what senior mode promises')
  await page.locator(by('station-senior')).click()
  await page.locator(`:root[data-senior] ${by('station-senior')}[aria-pressed=true]`).waitFor()
  const measured = async (page, where) => { await quiet(page); for (const s of await shortcomings(page)) stage.complain(`${where}: ${s}`) }
  const see = async (where) => {
    await measured(page, where)
    await page.setViewportSize(HAND)
    await measured(page, `${where}, in the hand`)
    await page.setViewportSize(DESK)
  }
  await see('station home')
  await page.locator(by('station-more')).click()
  await see('station, more')
  for (const [path, there] of [['/station/checkin', 'attendance'], ['/station/deed', 'deed-do'], ['/station/wish', 'wish-project'], ['/station/query', 'person-pick'], ['/station/day', 'day-deeds']]) {
    await go(page, path)
    await page.locator(there === 'attendance' ? '.page > *' : by(there)).first().waitFor()
    await see(path)
  }

  await go(page, '/till')
  await page.locator(by('ready')).waitFor()
  await see('till')
  await gun(page, '99998888')
  await shown(page, `${by('ready')} h2`, '99998888')
  await see('till, an unknown card')
  await scanPerson(page, elder.code)
  await tile(page, '洗衣液').click()
  await see('till, an order')
  await page.keyboard.press('Enter')
  await page.locator(by('done')).waitFor()
  await see('till, redeemed')
  await page.locator(by('take-back')).click()
  await page.locator(by('question')).waitFor()
  await see('till, take back')
  await page.locator(by('yes')).click()
  await said(page, /8/)
  holds(await page.locator(by('said')).isVisible(), 'the notice is gone')
  await see('till, a notice')
  await page.locator(by('said')).locator('button').last().click()
  await scanPerson(page, poor.code)
  await tile(page, '洗衣液').click()
  await page.locator(by('refused')).waitFor()
  await see('till, refused')
  await page.keyboard.press('Escape')
  await office.call('card.setRule', { above: 1 })
  await scanPerson(page, elder.code)
  await tile(page, '香皂').click()
  await page.keyboard.press('Enter')
  await page.locator(by('proof')).waitFor()
  await see('till, who stands there')
  await page.locator(by('proof-cancel')).click()

  // The device remembers it, for every window; a clerk's pages are not changed.
  const other = await stage.page(`${office.url}#/till`)
  await other.locator(`:root[data-senior] ${by('ready')}`).waitFor()
  await go(other, '/people')
  await other.locator(':root:not([data-senior])').waitFor({ state: 'attached' })

  const phone = await stage.page(office.phone, { phone: true })
  await phone.locator(by('to-sign-in')).waitFor()
  holds((await shortcomings(phone)).length, 'nothing to measure: the usual phone page keeps what senior mode promises')
  await phone.locator(by('phone-size')).click()
  await phone.locator(':root[data-senior][data-size="24"]').waitFor({ state: 'attached' })
  await measured(phone, 'phone, signed out')
  await phone.locator(by('to-sign-in')).click()
  await phone.locator(by('phone-code')).fill(digits(elder.code))
  await phone.locator(by('phone-tail')).fill('0000')
  await measured(phone, 'phone, sign in')
  await phone.locator(by('phone-sign-in')).click()
  await phone.locator(by('phone-wrong')).waitFor()
  await measured(phone, 'phone, refused')
  await phone.locator(by('phone-tail')).fill(phoneNumber(1).slice(-4))
  await phone.locator(by('phone-sign-in')).click()
  await shown(phone, by('phone-spendable'), /^95$/)
  await phone.evaluate(() => { location.hash = '/mall' })
  await phone.locator(by('phone-offer-more')).first().click()
  await measured(phone, 'phone, before an order')
  await phone.locator(by('phone-order')).click()
  await phone.locator(by('phone-pick')).waitFor()
  await phone.evaluate((id) => { location.hash = `/a/${id}` }, activity)
  await phone.locator(by('phone-up')).click()
  await phone.locator(by('phone-off')).waitFor()
  for (const path of ['/', '/activities', `/a/${activity}`, '/wishes', '/wish', '/mall', '/me', '/book', '/card', '/voucher', '/checkin', '/claims', '/claim', '/deductions', '/board', '/ranking', '/shops', '/vote']) {
    await phone.evaluate((to) => { location.hash = to }, path)
    for (const px of [24, 30]) { // the page's own button does the same, see below
      await phone.evaluate((to) => document.documentElement.setAttribute('data-size', to), px)
      await measured(phone, `phone ${path}, ${px} px`)
    }
    await phone.evaluate(() => document.documentElement.setAttribute('data-size', '24'))
  }

  // Remembered by the phone; the same button leads back.
  await phone.goto('about:blank')
  await phone.goto(office.phone)
  await phone.locator(`:root[data-size="24"] ${by('phone-size')}`).click()
  await phone.locator(`:root[data-senior][data-size="30"] ${by('phone-size')}`).click()
  await phone.locator(':root:not([data-senior])[data-size="16"]').waitFor({ state: 'attached' })
  equal(await text(phone, by('phone-size')), '大字', 'what the button offers')
  await until('the device keeps it', () => office.call('app.state', {}), (s) => s.settings.senior)
  await count(page, by('said'), 0)
}
