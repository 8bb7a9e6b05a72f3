// Paste a roster of 20 rows, two of them bad: both are named with a reason,
// 18 come in, the import is taken back, and imported again.
import { by, count, founded, go, nameOf, phoneNumber, shown } from '../screens.mjs'
import { equal, until } from '../stage.mjs'

const SHORT = 7 // this row's phone number lacks a digit
const NAMELESS = 13
function roster() {
  const rows = ['姓名\t手机号\t网格\t住址\t可用积分']
  for (let n = 1; n <= 20; n++) {
    rows.push([n === NAMELESS ? '' : nameOf(n), n === SHORT ? '1390000000' : phoneNumber(n), n % 2 ? '和平里一' : '和平里二', `${n}-1-101`, n === 1 ? 95 : n].join('\t'))
  }
  return rows.join('\n')
}
const people = (office) => office.call('people.list', { q: '', grid: '', sort: 'name', desc: false, offset: 0, limit: 200 })

export default async function (stage) {
  const office = await founded(stage)
  const page = await stage.page(office.url)
  await page.locator(by('step-s1')).click()
  await importAll(stage, page)
  equal((await people(office)).total, 18, 'people after the import')

  await page.locator(by('roster-undo')).click() // asks on the same spot
  equal((await people(office)).total, 18, 'people after one click on undo')
  await page.locator(by('roster-undo')).click()
  await page.locator(by('roster-undo')).waitFor({ state: 'detached' })
  await shown(page, by('roster-done'), '18')
  await until('the undo', () => people(office), (got) => got.total === 0)

  await go(page, '/people')
  await page.locator('a[href="#/people/import"]').first().click()
  await importAll(stage, page)
  await page.locator(by('roster-to-list')).click()
  await count(page, by('person-row'), 18)
  await stage.read(page, 'people')
  const first = (await people(office)).rows.find((r) => r.name === nameOf(1))
  equal([first.spendable, first.gridName, first.address], [95, '和平里一', '1-1-101'], 'the first row of the roster')
}

async function importAll(stage, page) {
  await page.locator(by('roster-text')).fill(roster())
  await page.locator(by('roster-check')).click()
  await count(page, `${by('roster-rows')} tbody tr:not(.why)`, 20)
  await count(page, `${by('roster-rows')} tbody tr.bad`, 2)
  await shown(page, by('roster-good'), /^18$/)
  await shown(page, by('roster-bad'), /^2$/)
  const bad = await page.locator(`${by('roster-rows')} tr.bad + tr.why .wrong`).allInnerTexts()
  equal(bad.map((t) => /[\u4e00-\u9fff]{4}/.test(t)), [true, true], `reasons in words: ${bad.join(' / ')}`)
  await stage.read(page, 'roster')
  await page.locator(by('roster-import')).click()
  await page.locator(by('roster-done')).waitFor()
}
