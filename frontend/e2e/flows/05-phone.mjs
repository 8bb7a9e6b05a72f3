// The phone pages: wrong digits refused, signed in with card code and tail,
// signed up, checked in by the rotating code's address, the award in the
// passbook; a code that is too old or made up is refused in words.
import { by, count, digits, enrol, founded, phoneNumber, residents, shown, text } from '../screens.mjs'
import { equal, until } from '../stage.mjs'

const HOUR = 3_600_000
export default async function (stage) {
  const office = await founded(stage)
  const [who] = await enrol(office, residents(2))
  const now = Date.now()
  const { id } = await office.call('activity.publish', { title: '护河巡查', type: '环境', start: now - HOUR, end: now + HOUR, place: '东门', places: 5, item: 'HJ02', organiser: '王经办', note: '自带水杯' })
  const page = await stage.page(office.phone, { phone: true })
  await page.locator(by('phone-activity')).waitFor()
  await stage.read(page, 'phone, signed out')
  await page.locator(by('to-sign-in')).click()
  await page.locator(by('phone-code')).fill(digits(who.code))
  await page.locator(by('phone-tail')).fill('0000')
  await page.locator(by('phone-sign-in')).click()
  await page.locator(by('phone-wrong')).waitFor()
  await stage.read(page, 'phone, refused')
  await page.locator(by('phone-tail')).fill(phoneNumber(1).slice(-4))
  await page.locator(by('phone-sign-in')).click()
  await shown(page, by('phone-spendable'), /^10$/)
  await stage.read(page, 'phone home')

  await page.locator(by('phone-activity')).click()
  await shown(page, by('phone-title'), '护河巡查')
  await page.locator(by('phone-up')).click()
  await page.locator(by('phone-off')).waitFor()
  const signed = await until('the office sees the sign-up', () => office.call('activity.get', { id }), (a) => a.attendees.length === 1)
  equal([signed.attendees[0].person, signed.attendees[0].status], [who.id, 'confirmed'], 'who signed up')
  await stage.read(page, 'phone activity')

  const code = await office.call('activity.code', { id })
  await anew(page, code.url.replace(/[^./]+$/, 'aaaaaaaaaaaaaaaa'))
  await page.locator(by('phone-wrong')).waitFor()
  await stage.read(page, 'phone, wrong code')
  await anew(page, (await office.call('activity.code', { id })).url)
  await page.locator(by('phone-in')).waitFor()
  await shown(page, by('phone-in'), '护河巡查')
  await stage.read(page, 'phone, checked in')
  const seen = await office.call('activity.get', { id })
  equal([seen.present, seen.counts.qr], [1, 1], 'arrivals by code')

  await office.call('activity.finish', { id })
  await anew(page, `${office.phone}#/book`)
  await count(page, by('phone-line'), 2)
  await stage.read(page, 'phone passbook')
  await page.goto(`${office.phone}#/`)
  await shown(page, by('phone-spendable'), /^12$/)
  equal((await text(page, by('me'))).includes('居民甲'), false, 'the whole name stands on the phone')
}

// anew opens an address as the camera does: another one behind the # alone
// would not open the page again.
async function anew(page, url) {
  await page.goto('about:blank')
  await page.goto(url)
}
