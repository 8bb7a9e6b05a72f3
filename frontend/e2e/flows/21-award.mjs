// Scenario 15, an award day on the screens: 41 people listed at once, redeemed in a
// batch without a network, the delivery list and certificates on paper, delivery
// noted.
import { addOffer, by, count, founded, go, phoneNumber, said, shown, withPoints } from '../screens.mjs'
import { equal } from '../stage.mjs'

const DIGITS = '零一二三四五六七八九'
const PEOPLE = 41

export const weight = 3
export default async function (stage) {
  const office = await founded(stage)
  const people = Array.from({ length: PEOPLE }, (_, n) => ({ name: `居民${DIGITS[Math.floor(n / 10)]}${DIGITS[n % 10]}`, phone: phoneNumber(n + 1), points: 310 }))
  await withPoints(office, people)
  await office.call('devices.pause', { on: true }) // the hall
  const desk = await stage.page(office.url)
  await go(desk, '/shop/shelf')
  await addOffer(desk, { name: '大米', points: 300, unit: '袋', first: PEOPLE })
  await go(desk, '/shop/award')
  await stage.read(desk, 'no award day yet')
  await desk.locator(by('award-title')).fill('集中兑换日')
  await desk.locator(by('award-open')).click()
  await desk.locator(by('award-add')).click()
  await shown(desk, by('award-add-do'), `加这 ${PEOPLE} 人`)
  await stage.read(desk, 'choosing people')
  await desk.locator(by('award-add-do')).click()
  await shown(desk, by('award-people'), `${PEOPLE} 人`)
  await shown(desk, by('award-points'), '12,300 分')
  await desk.locator(by('award-run')).click()
  await desk.locator(by('yes')).click()
  await said(desk, new RegExp(`兑换了 ${PEOPLE} 人`), 120_000)
  await count(desk, `${by('gift')}[data-state=done]`, PEOPLE)
  await shown(desk, by('award-left'), `待送 ${PEOPLE} 份`)
  await stage.read(desk, 'the day is done')
  const { receipts, total } = await office.call('till.today', { day: '' })
  equal(`${receipts.length} ${total}`, `${PEOPLE} 12300`, 'receipts and points')

  await desk.locator(by('award-list')).click()
  await shown(desk, by('paper'), '送货签收单')
  await count(desk, `${by('paper')} tbody tr`, PEOPLE)
  await stage.read(desk, 'delivery list')
  await desk.locator(by('paper-close')).click()
  await desk.locator(by('award-honours')).click()
  await desk.locator(by('honours-print')).click()
  await count(desk, `${by('paper')} .honour`, PEOPLE)
  await desk.locator(by('paper-close')).click()
  await desk.locator(by('gift-deliver')).first().click()
  await desk.locator(by('giver')).fill('送货员')
  await desk.locator(by('giver-save')).click()
  await shown(desk, by('award-left'), `待送 ${PEOPLE - 1} 份`)
}
