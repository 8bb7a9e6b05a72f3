// Pictures of goods and the merchants' shelves: a merchant photographs a good of its own,
// takes it off and on; the office's shelf, the till's tile and the mall show theirs; a
// phone finds the shop with place, hours and picture, and orders nothing there.
import { by, count, digits, founded, joinByTicket, phoneNumber, scanPerson, shown, withPoints } from '../screens.mjs'
import { equal, holds, until } from '../stage.mjs'

// picture is a PNG as a camera's would be: the browser draws it.
const picture = async (page, colour) => Buffer.from(await page.evaluate((colour) => {
  const canvas = document.createElement('canvas')
  canvas.width = 1200; canvas.height = 900
  const on = canvas.getContext('2d')
  on.fillStyle = colour; on.fillRect(0, 0, 1200, 900); on.fillStyle = '#fff'; on.fillRect(300, 200, 500, 600)
  return canvas.toDataURL('image/png').split(',')[1]
}, colour), 'base64')
const drawn = (page, name) => until(`a drawn ${name}`, () => page.locator(by(name)).evaluateAll((all) => all.filter((x) => x.complete && x.naturalWidth > 0).length), (n) => n > 0)

export default async function (stage) {
  const [office, shop] = await Promise.all([founded(stage), stage.device('merchant')])
  const phone = phoneNumber(1)
  const [who] = await withPoints(office, [{ name: '居民甲', phone, points: 40 }])
  const soap = await office.call('shop.save', { id: '', name: '香皂', unit: '1 块', kind: 'goods', points: 4, minimum: 0, icon: 'soap', active: true, code: '', cost: 0 })
  await office.call('shop.receive', { offer: soap.id, n: 5, why: '' })

  const desk = await stage.page(office.url)
  const till = await stage.page(shop.url)
  await joinByTicket(desk, till, 'merchant', '惠民超市')
  await desk.evaluate(() => { location.hash = '/shop/shelf' })
  const file = { name: 'a.png', mimeType: 'image/png', buffer: await picture(desk, '#3a6ea5') }
  await desk.locator(by('offer-edit')).click()
  await desk.locator(by('offer-photo')).setInputFiles({ ...file, buffer: Buffer.from('no picture') })
  await desk.locator(by('offer-save')).click()
  await shown(desk, by('fault'), /照片|图片/)
  await desk.locator(by('offer-photo')).setInputFiles(file)
  await desk.locator(by('offer-save')).click()
  await drawn(desk, 'good-photo')
  await stage.read(desk, 'shelf with a picture')

  await till.evaluate(() => { location.hash = '/shop/shelf' })
  await till.locator(by('offer-add')).first().click()
  await till.locator(by('offer-name')).fill('大米')
  await till.locator(by('offer-unit')).fill('5 公斤')
  await till.locator(by('offer-first')).fill('3')
  await till.locator(by('offer-photo')).setInputFiles({ ...file, buffer: await picture(till, '#a5763a') })
  await till.locator(by('offer-save')).click()
  await drawn(till, 'good-photo')
  await till.locator(by('shop-about')).click()
  await till.locator(by('about-where')).fill('河堤路 3 号')
  await till.locator(by('about-hours')).fill('每天 8:00—20:00')
  await till.locator(by('about-save')).click()
  await count(till, by('about-dialog'), 0)
  await stage.read(till, 'shelf of a merchant')
  const { offers: [rice] } = await shop.call('shop.offers', { all: true })
  equal([rice.name, rice.stock], ['大米', 3], 'the merchant\'s good')

  await until('the office has the picture', () => office.call('devices.list', {}), (d) => d.photos.here === 2 && d.photos.away === 0)
  const page = await stage.page(office.phone, { phone: true })
  await page.locator(by('tab-mall')).click()
  await drawn(page, 'phone-picture')
  await page.locator(by('phone-to-shops')).click()
  await shown(page, by('phone-shop-where'), /河堤路 3 号/)
  await shown(page, by('phone-shop-hours'), /8:00/)
  await shown(page, by('phone-shop-offer'), /大米[\s\S]*5 分/)
  await drawn(page, 'phone-picture')
  await shown(page, by('phone-shop'), /到店兑换/)
  equal(await page.locator(by('phone-offer-more')).count(), 0, 'buttons to order at a merchant')
  await stage.read(page, 'shops nearby')
  await page.context().setOffline(true) // what was seen stays
  await page.locator(by('phone-to-shelf')).click()
  await page.locator(by('phone-to-shops')).click()
  await shown(page, by('phone-shop'), /惠民超市/)
  await page.context().setOffline(false)

  // The till's tile.
  const counter = await stage.page(office.url)
  await counter.evaluate(() => { location.hash = '/till' })
  await scanPerson(counter, digits(who.code))
  await counter.locator(by('offer')).first().waitFor()
  await drawn(counter, 'good-photo')

  // Taken away, nobody shows it any more.
  await till.locator(by('offer-edit')).click()
  await till.locator(by('offer-photo-off')).click()
  await till.locator(by('offer-save')).click()
  await count(till, by('good-photo'), 0)
  await until('the office has dropped it', () => office.call('devices.list', {}), (d) => d.photos.here === 1)
  await page.reload()
  await page.locator(by('phone-shop')).waitFor()
  holds((await page.locator(by('phone-picture')).count()) === 0, 'a picture that was taken away is shown')
}
