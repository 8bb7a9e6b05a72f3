// People with PINs: the first one sets his own, the device locks and answers
// nothing, two people sign a raised budget, one of them can't sign as two, and a
// shopkeeper is refused what is not his.
import { by, founded, shown } from '../screens.mjs'
import { equal, holds } from '../stage.mjs'

const refusal = (asked) => asked.then(() => '', (err) => err.code)

export default async function (stage) {
  const office = await founded(stage)
  const page = await stage.page(`${office.url}#/settings`)
  await page.locator(by('staff-first')).click()
  await page.locator(by('staff-pin')).fill('2580')
  await page.locator(by('staff-again')).fill('2581')
  holds(await page.locator(by('staff-save')).isDisabled(), 'two PINs that differ were taken')
  await page.locator(by('staff-again')).fill('2580')
  await stage.read(page, 'first PIN')
  await page.locator(by('staff-save')).click()
  const first = (await office.call('app.state')).operator
  await page.locator(by(`staff-${first}`)).waitFor()

  await page.locator(by('staff-add')).click()
  await page.locator(by('staff-name')).fill('李样')
  await page.locator(by('staff-role')).selectOption('witness')
  await page.locator(by('staff-pin')).fill('1379')
  await page.locator(by('staff-again')).fill('1379')
  await page.locator(by('staff-save')).click()
  await page.locator(by('staff-李样')).waitFor()
  await office.call('operators.add', { id: '', name: '孙样', role: 'keeper', until: 0, pin: '8642' })
  await page.locator(by('staff-孙样')).waitFor()
  await stage.read(page, 'staff')

  await office.call('budget.set', { points: 1000, incomeFen: 0, second: '' })
  await page.goto(`${office.url}#/points/budget`)
  await page.locator(by('budget-edit')).click()
  await page.locator(by('budget-points')).fill('2000')
  holds(await page.locator(by('budget-save')).isDisabled(), 'one person raises a budget')
  await page.locator(by('budget-second-who')).selectOption({ index: 1 })
  await page.locator(by('budget-second-pin')).fill('2580') // the first person's own
  await stage.read(page, 'second signature')
  await page.locator(by('budget-save')).click()
  await page.locator(by('fault')).waitFor()
  await page.locator(by('budget-second-pin')).fill('1379')
  await page.locator(by('budget-save')).click()
  await shown(page, by('budget-limit'), /^2,000$/)

  // Who locks the screen while writing finds it again; nobody else does.
  await page.locator(by('budget-edit')).click()
  await page.locator(by('budget-points')).fill('3000')
  await page.keyboard.press('F9')
  await page.locator(by('locked')).waitFor()
  await page.locator(by('budget-points')).waitFor({ state: 'hidden' })
  await page.locator(by(`who-${first}`)).click()
  await page.keyboard.type('2580')
  await page.keyboard.press('Enter')
  await page.locator(by('locked')).waitFor({ state: 'detached' })
  await page.locator(by('budget-points')).waitFor()
  equal(await page.locator(by('budget-points')).inputValue(), '3000', 'what was being written')
  await shown(page, by('budget-limit'), /^2,000$/)

  await page.keyboard.press('F9')
  await page.locator(by('locked')).waitFor()
  equal(await refusal(office.call('people.list', { q: '', grid: '', sort: 'name', desc: false, offset: 0, limit: 50 })), 'app.locked', 'a list of people while locked')
  await page.locator(by(`who-${first}`)).click()
  for (const digit of '1111') await page.locator(by(`pad-${digit}`)).click()
  await page.locator(by('pad-done')).click()
  await page.locator(by('fault')).waitFor()
  await stage.read(page, 'locked')
  await page.locator(by('who-孙样')).click()
  await page.keyboard.type('8642')
  await page.keyboard.press('Enter')
  await page.locator(by('locked')).waitFor({ state: 'detached' })
  equal((await office.call('app.state')).session.role, 'keeper', 'who is here')
  equal(await refusal(office.call('people.list', { q: '', grid: '', sort: 'name', desc: false, offset: 0, limit: 50 })), 'operator.role', 'a list of people for a shopkeeper')
  await office.call('shop.offers', { all: false })
  await page.locator(by('till-field')).waitFor() // where a shopkeeper works
  equal(await page.locator(by('budget-points')).count(), 0, 'windows of who sat here before')
  await stage.read(page, 'a shopkeeper')
}
