// The household's account: the desk sees the sum and one book, paper says no more than
// the family may know, and a member's phone shows it once the community switched it on.
import { by, count, digits, founded, go, phoneNumber, shown, withPoints } from '../screens.mjs'
import { equal, holds } from '../stage.mjs'

export default async function (stage) {
  const office = await founded(stage)
  const rows = await withPoints(office, [30, 20].map((points, n) => ({ name: `居民${'甲乙'[n]}`, phone: phoneNumber(n + 1), points })))
  const ids = rows.map((r) => r.id)
  await office.call('people.household', { household: '', members: ids, head: ids[0] })
  const item = (await office.call('scheme.get', {})).items.find((i) => i.kind === 'time' && !i.witness).code
  await office.call('deed.record', { person: ids[1], item, at: Date.now() - 3 * 3_600_000, minutes: 120, note: '给居民丙理发', witness: '', line: '' })
  let all = 0
  for (let n = 0; n < 50 && all <= 50; n++) all = (await office.call('household.book', { id: ids[0], offset: 0, limit: 1, paper: false })).sums.spendable
  holds(all > 50, 'the deed was not paid')

  const desk = await stage.page(office.url)
  await go(desk, `/people?id=${ids[0]}`)
  await desk.locator('[data-value=household]').click()
  await shown(desk, by('household-sums'), String(all))
  await count(desk, by('household-member'), 2)
  await stage.read(desk, 'household')
  await desk.locator(by('household-open')).click()
  await count(desk, by('household-line'), 5) // of what was brought lifetime points are a line of their own
  await shown(desk, by('household-dialog'), '给居民丙理发')
  await stage.read(desk, 'household book')
  await desk.locator(by('print-household')).click()
  await shown(desk, by('paper'), String(all))
  holds(!(await desk.locator(by('paper')).innerText()).includes('居民丙'), 'paper says what was typed beside a deed')
  await desk.locator(by('paper-close')).click()
  await desk.locator(by('dialog-close')).click()

  const phone = await stage.page(office.phone, { phone: true })
  await phone.locator(by('to-sign-in')).click()
  await phone.locator(by('phone-code')).fill(digits(rows[0].code))
  await phone.locator(by('phone-tail')).fill(phoneNumber(1).slice(-4))
  await phone.locator(by('phone-sign-in')).click()
  await phone.locator(by('me')).waitFor()
  await phone.locator(by('tab-me')).click()
  await phone.locator(by('to-book')).waitFor()
  equal(await phone.locator(by('to-household')).count(), 0, 'ways to a household that nobody switched on')
  await go(desk, '/settings')
  await desk.locator(by('household-on')).click()
  await desk.locator(by('yes')).click()
  await desk.locator(`${by('household-on')}:checked`).waitFor()
  await phone.reload()
  await phone.locator(by('to-household')).click()
  await shown(phone, by('family-spendable'), String(all))
  await count(phone, by('family-member'), 2)
  await count(phone, by('family-line'), 3)
  await stage.read(phone, 'phone household')
  holds(!(await phone.locator('body').innerText()).includes('居民丙'), 'the phone says what was typed beside another one\'s deed')
}
