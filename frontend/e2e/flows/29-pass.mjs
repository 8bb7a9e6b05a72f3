// A discount's whole way: a merchant writes 9 折 to a level, the office prints a pass, the
// merchant's till gives it while it is cut off, by the pass and then by the card alone; the
// receipt says so. Half a pass and somebody else's are refused in words.
import { addOffer, by, count, digits, founded, go, gun, joinByTicket, phoneNumber, shown, tile, withPoints } from '../screens.mjs'
import { equal, holds, until } from '../stage.mjs'

const SHOP = '惠民超市'

export const weight = 4
export default async function (stage) {
  const [office, merchant] = await Promise.all([founded(stage), stage.device('merchant')])
  const [who, other] = await withPoints(office, [{ name: '赵钱孙', phone: phoneNumber(1), points: 95, year: 95 }, { name: '周吴郑', phone: phoneNumber(2), points: 40 }])
  await office.call('honour.save', { levels: [{ id: '', name: '五星志愿者', points: 90, benefits: [] }] })
  const desk = await stage.page(office.url)
  const page = await stage.page(merchant.url)
  await joinByTicket(desk, page, 'merchant', SHOP)
  await page.locator(by('nav-shelf')).click()
  await addOffer(page, { name: '大米', points: 25, unit: '袋', first: 10 })
  await until('the till knows the level', () => merchant.call('honour.table', {}), (x) => x.levels.length === 1)

  await page.locator(by('shop-terms')).click()
  await page.locator(by('terms-none')).waitFor()
  await page.locator(by('term-add')).click()
  await page.locator(by('term-n')).fill('100') // said at the field, before anything is asked
  holds(await page.locator(by('terms-save')).isDisabled(), 'all of the price can be taken off')
  await page.locator(by('term-n')).fill('10')
  await shown(page, by('term-says'), /^9 折$/)
  await stage.read(page, 'terms of a merchant')
  await page.locator(by('terms-save')).click()
  await until('the terms are kept', () => merchant.call('shop.terms', {}), (x) => x.terms.length === 1 && x.terms[0].percent === 10)
  await page.locator(by('nav-shop')).click()
  const [card, strange] = (await office.call('people.card', { ids: [who.id, other.id] })).cards
  await merchant.call('till.scan', { text: card.qr })
  await merchant.call('till.scan', { text: strange.qr })
  await until('the shop has the points', () => merchant.call('till.pull', { person: who.id, need: 95 }), (a) => a.here === 95)

  await go(desk, `/people?id=${who.id}`)
  await desk.locator(by('pass')).click()
  await stage.read(desk, 'a pass')
  await desk.locator(by('pass-print')).click()
  await shown(desk, by('paper'), '五星志愿者')
  await stage.read(desk, 'a pass beside the card')
  const made = await office.call('pass.issue', { person: who.id, until: new Date(Date.now() + 28_800_000 + 86_400_000).toISOString().slice(0, 10) })
  holds(/^JSL1:[0-9A-Z $%*+./:-]+$/.test(made.text), `the code says ${made.text.slice(0, 40)}`)

  await merchant.call('devices.pause', { on: true })
  await gun(page, card.qr)
  await shown(page, by('till-here'), /^95$/)
  await count(page, by('till-off'), 0)
  await gun(page, made.text.slice(0, 200))
  await shown(page, by('fault'), '只扫到一半')
  await gun(page, strange.qr)
  await shown(page, by('till-person'), '周*郑')
  await gun(page, made.text)
  await shown(page, by('fault'), '赵*孙的优惠证')
  await stage.read(page, 'somebody else’s pass')
  await gun(page, card.qr)
  await gun(page, made.text)
  await shown(page, by('till-off'), '9 折')
  await tile(page, '大米').click()
  await tile(page, '大米').click()
  await shown(page, by('till-list'), /^50$/)
  await shown(page, by('till-less'), /5$/)
  await stage.read(page, 'an order with a discount')
  await page.keyboard.press('Enter')
  await page.locator(by('done')).waitFor()
  await shown(page, by('done-less'), '标价 50 分，优惠 5 分')
  await page.locator(by('print-receipt')).click()
  await shown(page, by('paper'), '优惠（五星志愿者）')
  await stage.read(page, 'the receipt')
  await page.locator(by('paper-close')).click()
  const { receipts: [r] } = await merchant.call('till.today', { day: '' })
  equal([r.total, r.less, r.hereAfter], [45, 5, 50], 'paid, given, left')
  await gun(page, card.qr) // the next time the card alone does
  await shown(page, by('till-off'), '9 折')
  await merchant.call('devices.pause', { on: false })
  await until('the office knows what was paid', () => office.call('people.get', { id: who.id }), (p) => p.spendable === 50)

  const phone = await stage.page(office.phone, { phone: true })
  await phone.locator(by('to-sign-in')).click()
  await phone.locator(by('phone-code')).fill(digits(who.code))
  await phone.locator(by('phone-tail')).fill(phoneNumber(1).slice(-4))
  await phone.locator(by('phone-sign-in')).click()
  await shown(phone, by('phone-spendable'), /^50$/)
  await phone.goto(`${office.phone}#/card`)
  await shown(phone, by('phone-pass-who'), '五星志愿者')
  await shown(phone, by('phone-pass-place'), '9 折')
  await stage.read(phone, 'the pass on the phone')
}
