// A merchant joins, puts its own goods out, scans a card: it sees the masked
// name only, the points follow the card, and it redeems; cut off, it refuses in
// words. Nothing on its
// screens or in its answers is the whole name or the phone number.
import { addOffer, by, count, founded, go, joinByTicket, phoneNumber, scanPerson, shown, tile, withPoints } from '../screens.mjs'
import { holds, until } from '../stage.mjs'

const NAME = '赵钱孙'
export const weight = 4
export default async function (stage) {
  const [office, merchant] = await Promise.all([founded(stage), stage.device('merchant')])
  const [who] = await withPoints(office, [{ name: NAME, phone: phoneNumber(1), points: 95 }])
  const desk = await stage.page(office.url)
  const page = await stage.page(merchant.url)
  await joinByTicket(desk, page, 'merchant', '平价超市')
  await page.locator(by('nav-shelf')).click()
  await addOffer(page, { name: '抽纸', points: 8, unit: '提', first: 10 })
  await stage.read(page, 'shelf of the merchant')
  // A till knows a card by its QR code, signed by the office; the digits alone
  // only after it has met the card once.
  const { cards: [card] } = await office.call('people.card', { ids: [who.id] })
  await page.locator(by('nav-shop')).click()
  await until('the others know this till', () => merchant.call('till.pull', { person: who.id, need: 1 }), (a) => a.here === 1)
  await scanPerson(page, card.qr)
  await shown(page, by('till-person'), '赵*孙')
  // Nobody gave this till more than one point: showing the card made it ask for them.
  await shown(page, by('till-here'), /^8$/)
  await tile(page, '抽纸').click()
  await tile(page, '抽纸').click() // more than the dearest thing: it asks again
  await shown(page, by('till-here'), /^16$/)
  await count(page, by('refused'), 0)
  await page.locator(by('redeem')).click()
  await page.locator(by('done')).waitFor()
  await stage.read(page, 'redeemed at the merchant')
  await until('the office has the redemption', () => office.call('people.get', { id: who.id }), (p) => p.spendable === 79)
  for (const path of ['/shop/today', '/shop/reservations', '/devices', '/settings', '/till']) {
    await go(page, path)
    await stage.read(page, `merchant ${path}`)
  }
  await go(page, '/people') // the office's pages are not here
  await page.locator(by('till-field')).waitFor()
  const refused = await merchant.call('people.get', { id: who.id }).then(() => '', (err) => err.code)
  holds(refused !== '', 'a merchant may read a person')
  // Cut off, it says what is missing and offers to keep the goods.
  await merchant.call('devices.pause', { on: true })
  await scanPerson(page, card.code) // now the typed digits are enough
  await shown(page, by('till-person'), '赵*孙')
  await tile(page, '抽纸').click()
  await page.locator(by('refused')).waitFor()
  await stage.read(page, 'refusal at the merchant')
  holds(await page.locator(by('pull')).isVisible(), 'a merchant is not offered 从别处调来: its screen takes the balance, which it may not know, for 0')
  await page.locator(by('pull')).click()
  await shown(page, by('refused'), '断网')
  await merchant.call('devices.pause', { on: false })
  // A moment later it reaches them: by itself, or when somebody asks again.
  await until('the points came', async () => {
    await page.locator(by('pull')).click({ timeout: 1000 }).catch(() => {})
    return page.locator(by('refused')).count()
  }, (n) => n === 0)
  for (const secret of [NAME, phoneNumber(1)]) holds(!page.answers.includes(secret), `the merchant was sent ${secret}`)
}
