// A voucher's whole way: written beside the person, printed, shown at a shop
// that is cut off, redeemed there; half of it and a copy are refused in words.
// Then one that the resident writes on the phone.
import { addOffer, by, count, digits, founded, go, gun, joinByTicket, phoneNumber, shown, tile, withPoints } from '../screens.mjs'
import { equal, holds, until } from '../stage.mjs'

const NAME = '赵钱孙'
const SHOP = '平价超市'

export const weight = 4
export default async function (stage) {
  const [office, merchant] = await Promise.all([founded(stage), stage.device('merchant')])
  const [who] = await withPoints(office, [{ name: NAME, phone: phoneNumber(1), points: 95 }])
  const desk = await stage.page(office.url)
  const page = await stage.page(merchant.url)
  await joinByTicket(desk, page, 'merchant', SHOP)
  await page.locator(by('nav-shelf')).click()
  await addOffer(page, { name: '抽纸', points: 8, unit: '提', first: 10 })
  await page.locator(by('nav-shop')).click()
  await until('the shop may hold points', () => merchant.call('till.pull', { person: who.id, need: 1 }), (a) => a.here === 1)

  await go(desk, `/people?id=${who.id}`)
  await shown(desk, by('spendable'), /^95$/)
  await desk.locator(by('voucher')).click()
  await shown(desk, by('voucher-till'), SHOP)
  for (const n of ['960', '2.5', '-5']) { // said at the field, before anything is asked
    await desk.locator(by('voucher-points')).fill(n)
    await desk.locator(`${by('voucher-dialog')} .wrong`).waitFor()
    holds(await desk.locator(by('voucher-give')).isDisabled(), `a voucher of ${n} points of 95 can be asked for`)
    await stage.read(desk, `voucher of ${n}, refused`)
  }
  await desk.locator(by('voucher-points')).fill('24')
  await desk.locator(by('voucher-give')).click()
  await shown(desk, by('paper'), SHOP)
  await stage.read(desk, 'voucher on paper')
  const { rows: [written] } = await office.call('voucher.list', { person: who.id })
  const { text, svg } = await office.call('voucher.slip', { hash: written.hash })
  holds(/^JSV1:[0-9A-Z $%*+./:-]+$/.test(text), `the code says ${text.slice(0, 40)}`)
  equal(await desk.locator(`${by('paper')} .q path`).getAttribute('d'), svg.match(/ d="([^"]+)"/)[1], 'the code on paper')
  await desk.locator(by('paper-close')).click()
  await shown(desk, by('spendable'), /^71$/)
  await shown(desk, by('in-vouchers'), /^24$/)
  await shown(desk, by('on-the-way'), /^0$/)

  await merchant.call('devices.pause', { on: true })
  await gun(page, text.slice(0, 200))
  await shown(page, by('fault'), '只扫到一半')
  await gun(page, text)
  await shown(page, by('till-here'), /^25$/) // with the one that was fetched before
  await shown(page, by('till-person'), '赵*孙')
  await stage.read(page, 'voucher taken')
  await tile(page, '抽纸').click()
  await tile(page, '抽纸').click()
  await page.keyboard.press('Enter')
  await page.locator(by('done')).waitFor()
  await stage.read(page, 'redeemed by voucher')
  await gun(page, text) // a photocopy
  await shown(page, by('fault'), '已经在这里用过了')
  await stage.read(page, 'photocopy refused')
  await merchant.call('devices.pause', { on: false })
  await until('the office knows that it was used', () => office.call('voucher.list', { person: who.id }), (l) => l.rows[0].state === 'used')
  await go(desk, '/people')
  await go(desk, `/people?id=${who.id}`)
  await shown(desk, by('spendable'), /^79$/)
  await desk.locator('.tabs-row button', { hasText: '兑换券' }).click()
  await count(desk, `${by('voucher-row')}[data-state=used]`, 1)
  await stage.read(desk, 'vouchers so far')

  const phone = await stage.page(office.phone, { phone: true })
  await phone.locator(by('to-sign-in')).click()
  await phone.locator(by('phone-code')).fill(digits(who.code))
  await phone.locator(by('phone-tail')).fill(phoneNumber(1).slice(-4))
  await phone.locator(by('phone-sign-in')).click()
  await shown(phone, by('phone-spendable'), /^79$/)
  await phone.goto(`${office.phone}#/voucher`)
  await shown(phone, by('phone-voucher-till'), SHOP)
  await phone.locator(by('phone-voucher-points')).fill('16')
  await phone.locator(by('phone-voucher-give')).click()
  await phone.locator(by('phone-voucher-code')).waitFor()
  await stage.read(phone, 'phone voucher')
  const { rows: [own] } = await office.call('voucher.list', { person: who.id })
  const taken = await merchant.call('till.scan', { text: (await office.call('voucher.slip', { hash: own.hash })).text })
  equal([taken.kind, taken.voucher.points, taken.account.masked], ['person', 16, '赵*孙'], 'the voucher of the phone at the till')
}
