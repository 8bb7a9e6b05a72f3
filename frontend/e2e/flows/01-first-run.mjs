// A new computer: create the community, see the recovery key, check it from
// paper (a wrong one is refused in words), arrive at the empty home page.
import { COMMUNITY, by, shown } from '../screens.mjs'
import { equal, holds } from '../stage.mjs'

export default async function (stage) {
  const office = await stage.device('office')
  const page = await stage.page(office.url)
  await page.locator(by('first-create')).waitFor()
  await stage.read(page, 'first run')
  await page.locator(by('first-create')).click()
  await page.locator(by('create-community')).fill(COMMUNITY.community)
  await page.locator(by('create-parent')).fill(COMMUNITY.parent)
  await page.locator(by('create-office')).fill(COMMUNITY.office)
  holds(await page.locator(by('create-do')).isDisabled(), 'a community could be created without an operator')
  await page.locator(by('create-operator')).fill(COMMUNITY.operator)
  await page.locator(by('create-grids')).fill(COMMUNITY.grids.join('\n'))
  await stage.read(page, 'create')
  await page.locator(by('create-do')).click()

  const place = page.locator(by('recovery-key'))
  const key = await place.getAttribute('data-key')
  holds(key && key.length >= 24, `the recovery key is short: ${key}`)
  holds((await place.innerText()).replace(/\s/g, '').length >= key.replace(/[\s-]/g, '').length, 'the recovery key is not shown whole')
  await page.locator(by('print-key')).click()
  await page.locator(by('paper')).waitFor()
  await stage.read(page, 'recovery sheet')
  await page.locator(by('paper-close')).click()

  await page.locator(by('key-typed')).fill(key.slice(0, -1) + (key.endsWith('2') ? '3' : '2'))
  await page.locator(by('key-check')).click()
  await page.locator('.wrong').first().waitFor()
  await page.locator(by('key-typed')).fill(key.toLowerCase())
  await page.locator(by('key-check')).click()
  await page.locator(by('to-home')).click()
  await page.locator(by('step-s1')).waitFor() // an empty community offers its first steps
  await shown(page, '.place', COMMUNITY.community)
  await stage.read(page, 'empty home')
  const state = await office.call('app.state')
  equal([state.phase, state.community.name, state.device.role, state.operator], ['ready', COMMUNITY.community, 'office', COMMUNITY.operator], 'the state')
}
