// Who did what: a redemption, a look, an erasure stand in one list, filtered by kind,
// operator and person, saved as a workbook; an erasure is counted by its receipts.
import { by, count, enrol, founded, go, residents, shown } from '../screens.mjs'
import { equal, holds } from '../stage.mjs'

export default async function (stage) {
  const office = await founded(stage)
  const [first, second] = await enrol(office, residents(3))
  const page = await stage.page(`${office.url}#/people?id=${first.id}`)
  await page.locator(by('person-panel')).waitFor()
  await go(page, '/audit')
  await page.locator(by('audit-rows')).waitFor()
  await shown(page, by('audit-row'), '登记居民')
  await shown(page, by('audit-row'), '查看资料')
  await stage.read(page, 'who did what')
  await page.locator(by('audit-kind')).selectOption('view')
  await count(page, by('audit-row'), 1)
  await page.locator(by('audit-clear')).click()
  await page.locator(by('audit-kind')).selectOption('people')
  await shown(page, by('audit-row'), '登记居民')
  await count(page, `${by('audit-row')}[data-kind=view]`, 0)
  const [file] = await Promise.all([page.waitForEvent('download'), page.locator(by('audit-excel')).click()])
  holds(/\.xlsx$/.test(file.suggestedFilename()), `the workbook is called ${file.suggestedFilename()}`)
  for (const tab of ['refused', 'differ']) {
    await page.locator(by(`audit-${tab}`)).click()
    await stage.read(page, `audit ${tab}`)
  }

  await office.call('people.erase', { id: second.id, name: residents(3)[1].name })
  await page.locator(by('audit-erasures')).click()
  await shown(page, by('receipts'), '1 / 1')
  await stage.read(page, 'receipts')
  equal((await office.call('people.erasures', { offset: 0, limit: 5 })).rows[0].missing.length, 0, 'who is missing')
}
