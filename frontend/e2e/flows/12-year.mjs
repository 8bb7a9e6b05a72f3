// The office's budget, base points and year end: a budget with its share of
// the income, an order above it that a second operator approves, the years'
// table, the grace, and a year that is not over is not closed.
import { by, digits, enrol, founded, residents, shown, text } from '../screens.mjs'
import { equal, holds, until } from '../stage.mjs'

export default async function (stage) {
  const office = await founded(stage)
  await office.call('settings.save', { unitFen: 100 })
  await enrol(office, residents(12)) // 10 points each on registration
  const year = new Date().toLocaleDateString('en', { timeZone: 'Asia/Shanghai', year: 'numeric' })
  const page = await stage.page(`${office.url}#/points`)
  await page.locator(by('points-budget')).click()
  await shown(page, by('budget-limit'), '没有定')
  await stage.read(page, 'no budget')

  await page.locator(by('budget-edit')).click()
  await page.locator(by('budget-points')).fill('1000')
  await page.locator(by('budget-income')).fill('6250')
  await page.locator(by('budget-save')).click()
  await shown(page, by('budget-share'), /^16%$/)
  await shown(page, by('budget-left'), /^880$/)

  equal(digits(await text(page, by('base-total'))), '1200', 'points of 12 people')
  await page.locator(by('base-over')).waitFor() // 1,200 of 880
  holds(await page.locator(by('base-start')).isDisabled(), 'above the budget one operator is enough')
  await page.locator(by('base-second')).fill('王经办')
  await page.locator(by('base-start')).click()
  await page.locator(by('yes')).click()
  await page.locator(by('fault')).waitFor() // the same person again is no second one
  equal((await office.call('budget.get')).base.points, 0, 'an order that was refused')
  await page.locator(by('base-second')).fill('李经办')
  await stage.read(page, 'above the budget')
  await page.locator(by('base-start')).click()
  await page.locator(by('yes')).click()
  await page.locator(`${by('base')}[data-paid="12"]`).waitFor()
  await shown(page, by('budget-limit'), /^1,320$/)
  await shown(page, by('budget-left'), /^0$/)
  await stage.read(page, 'base points')
  const { rows } = await office.call('people.list', { q: '', grid: '', sort: 'name', desc: false, offset: 0, limit: 50 })
  equal([...new Set(rows.map((r) => `${r.lifetime}/${r.year}/${r.spendable}`))], ['110/110/110'], 'what everybody has')
  await office.call('base.start', { points: 100, second: '' })

  await page.locator(by('points-year')).click()
  const row = `${by('year-row')}[data-year="${year}"]`
  await page.locator(`${row}[data-state=running]`).waitFor()
  await shown(page, `${row} ${by('year-issued')}`, /^1,320$/)
  await shown(page, `${row} ${by('year-outstanding')}`, /^1,320$/)
  equal(await page.locator(by('year-close')).count(), 0, 'ways to close a year that is not over')
  await page.locator(by('year-grace')).fill('0')
  await page.locator(by('year-grace-save')).click()
  await until('the grace is saved', () => office.call('year.list'), (y) => y.grace === 0)
  await stage.read(page, 'years')
  const refused = await office.call('year.close', { period: year, points: 1320, people: 12 }).then(() => '', (err) => err.code)
  equal(refused, 'year.early', 'closing a year that is not over')
}
