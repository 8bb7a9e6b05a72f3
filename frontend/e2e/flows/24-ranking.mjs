// The ranking: off at first, switched on by a question, printed with names masked, and
// on a phone only when that was switched on, too; who objects vanishes from it.
import { by, count, digits, founded, go, phoneNumber, shown, withPoints } from '../screens.mjs'
import { equal, holds } from '../stage.mjs'

export default async function (stage) {
  const office = await founded(stage)
  const people = [30, 20, 10].map((points, n) => ({ name: `居民${'甲乙丙'[n]}`, phone: phoneNumber(n + 1), points }))
  const rows = await withPoints(office, people)
  const item = (await office.call('scheme.get', {})).items.find((i) => i.kind === 'time' && !i.witness).code
  const hours = [1, 3, 2]
  for (const [n, r] of rows.entries()) await office.call('deed.record', { person: r.id, item, at: Date.now() - 5 * 3_600_000, minutes: hours[n] * 60, note: '', witness: '', line: '' })
  const desk = await stage.page(office.url)
  await go(desk, '/honours/ranking')
  await desk.locator(by('ranking-on')).waitFor()
  await stage.read(desk, 'ranking off')
  await desk.locator(by('ranking-on')).click()
  await desk.locator(by('yes')).click()
  await count(desk, by('rank'), 3)
  await shown(desk, `${by('rank')}[data-rank="1"]`, '居民乙')
  await stage.read(desk, 'ranking')
  await desk.locator(by('ranking-print')).click()
  await shown(desk, by('paper'), '居*乙')
  holds(!(await desk.locator(by('paper')).innerText()).includes('居民乙'), 'paper names people in full')
  await desk.locator(by('paper-close')).click()

  const phone = await stage.page(office.phone, { phone: true })
  await phone.locator(by('to-sign-in')).click()
  await phone.locator(by('phone-code')).fill(digits(rows[0].code))
  await phone.locator(by('phone-tail')).fill(phoneNumber(1).slice(-4))
  await phone.locator(by('phone-sign-in')).click()
  await phone.locator(by('me')).waitFor()
  equal(await phone.locator(by('to-ranking')).count(), 0, 'ways to a ranking that is for the office')
  await desk.locator(by('ranking-phone')).click()
  await desk.locator(by('yes')).click()
  await phone.reload()
  await phone.locator(by('to-ranking')).click()
  await count(phone, by('phone-rank'), 3)
  await shown(phone, by('phone-rank'), '居*乙')
  await stage.read(phone, 'phone ranking')

  // Taking it off the phones is asked about in its own words; the box shows what holds.
  await desk.locator(by('ranking-phone')).click()
  await shown(desk, by('question'), '不再在手机上显示？')
  await desk.locator(by('no')).click()
  holds(await desk.locator(by('ranking-phone')).isChecked(), 'the box says that phones show nothing')
  await desk.locator(by('ranking-phone')).click()
  await desk.locator(by('yes')).click()
  await desk.locator(`${by('ranking-phone')}:not(:checked)`).waitFor()

  await office.call('people.update', { id: rows[1].id, fields: { flags: ['unlisted'] } })
  await shown(desk, by('ranking-out'), '1')
  await count(desk, by('rank'), 2)
}
