// A claim with a picture from the phone, reviewed and booked: the line of the passbook has
// the picture, at the desk and on the phone; the desk adds one to the deed.
import { by, count, digits, founded, phoneNumber, shown, withPoints } from '../screens.mjs'
import { equal, until } from '../stage.mjs'

const drawn = (page, name, n) => until(`${n} drawn ${name}`, () => page.locator(by(name)).evaluateAll((all) => all.map((x) => (x.tagName === 'IMG' ? x : x.querySelector('img'))).filter((x) => x?.complete && x.naturalWidth > 0).length), (got) => got === n)
const picture = async (page) => Buffer.from(await page.evaluate(() => {
  const canvas = document.createElement('canvas')
  canvas.width = 800; canvas.height = 600
  const on = canvas.getContext('2d')
  on.fillStyle = '#6a3'; on.fillRect(0, 0, 800, 600)
  return canvas.toDataURL('image/png').split(',')[1]
}), 'base64')

export default async function (stage) {
  const office = await founded(stage)
  const phone = phoneNumber(1)
  const [who] = await withPoints(office, [{ name: '居民甲', phone, points: 10 }])
  const { items } = await office.call('scheme.get', {})
  const item = items.find((i) => i.kind === 'deed' || i.kind === 'time')
  item.self = true
  await office.call('scheme.save', { items })
  const page = await stage.page(office.phone, { phone: true })
  await page.locator(by('tab-me')).click()
  await page.locator(by('phone-code')).fill(digits(who.code))
  await page.locator(by('phone-tail')).fill(phone.slice(-4))
  await page.locator(by('phone-sign-in')).click()
  await shown(page, by('phone-spendable'), /^10$/)

  await page.evaluate(() => { location.hash = '/claim' })
  await page.locator(by('claim-item')).selectOption(item.code)
  await page.locator(by('claim-witness')).fill('李四')
  await page.locator(by('claim-photo')).setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: await picture(page) })
  await page.locator(by('claim-send')).click()
  const { rows: [claim] } = await until('the claim', () => office.call('claim.list', { person: '' }), (r) => r.rows.length === 1)
  await office.call('claim.review', { id: claim.id, yes: true, why: '' })
  const book = () => office.call('people.passbook', { id: who.id, offset: 0, limit: 20 })
  await until('it is booked with its picture', book, (b) => b.lines.some((l) => l.kind === 'award' && l.photos === 1))

  await page.evaluate(() => { location.hash = '/book' })
  await page.locator(by('line-photos')).click()
  await drawn(page, 'line-shot', 1)
  await stage.read(page, 'line with a picture on the phone')

  const desk = await stage.page(office.url)
  await desk.evaluate((id) => { location.hash = `/people?id=${id}` }, who.id)
  await desk.locator(by('line-photos')).filter({ hasText: '1' }).click()
  await drawn(desk, 'photo', 1)
  await desk.locator(by('photo-file')).setInputFiles({ name: 'b.png', mimeType: 'image/png', buffer: await picture(desk) })
  await count(desk, by('photo'), 2)
  await drawn(desk, 'photo', 2)
  await stage.read(desk, 'pictures of a line')
  equal((await book()).lines.find((l) => l.photos)?.photos, 2, 'pictures of the line')
}
