// A tour of all screens over the sample community: every page, tab and dialog
// is opened once and read. It knows nothing of what is wrong with words.
import { by, go } from './screens.mjs'
import { quiet } from './stage.mjs'

const PAGES = [
  ['/home', by('home-register')], ['/people', by('person-row')], ['/people/import', by('roster-text')], ['/activities', by('publish')],
  ['/points', by('scheme-version')], ['/points/budget', by('budget-limit')], ['/points/year', by('year-row')], ['/shop/shelf', by('offer-row')], ['/shop/today', '.list'], ['/shop/reservations', '.list'], ['/shop/moves', '.list'],
  ['/settle/due', by('settle-due')], ['/settle/unpaid', by('settle-due')], ['/settle/paid', by('settle-due')],
  ['/till', by('till-field')], ['/stats', by('stats-figures')], ['/devices', by('device-row')], ['/settings', by('lang')],
  ['/station', by('station-query')], ['/station/checkin', '.page > *'], ['/station/deed', by('deed-do')], ['/station/query', by('person-pick')], ['/station/day', '.cols'],
]
const DIALOGS = [
  ['/people', 'register', 'register-dialog'], ['/activities', 'publish', 'activity-form'], ['/shop/shelf', 'offer-add', 'offer-dialog'], ['/shop/shelf', 'receive', 'receive-dialog'],
  ['/shop/shelf', 'count', 'count-dialog'], ['/devices', 'let-join', 'ticket-dialog'], ['/devices', 'help', 'help-dialog'], ['/home', 'home-deed', 'deed-dialog'],
]

// tour opens everything and calls see(where) each time.
export async function tour(page, see) {
  for (const [path, there] of PAGES) {
    await open(page, path, there)
    await see(path)
  }
  for (const [path, button, dialog] of DIALOGS) {
    await open(page, path, by(button))
    await page.locator(by(button)).first().click()
    await page.locator(`${by(dialog)}, [role=dialog]`).first().waitFor()
    await quiet(page)
    await see(`${path} ${dialog}`)
    await page.locator(by('dialog-close')).click()
    await page.locator('[role=dialog]').waitFor({ state: 'detached' })
  }
  await open(page, '/people', by('person-row'))
  await page.locator(by('person-row')).first().click()
  await page.locator(by('line')).first().waitFor()
  await see('a person')
  for (const tab of ['household', 'data']) {
    await page.locator(`${by('person-panel')} [data-value=${tab}]`).click()
    await quiet(page)
    await see(`a person, ${tab}`)
  }
  await page.locator(by('print-book')).click()
  await page.locator(by('paper')).waitFor()
  await see('passbook on paper')
  await page.locator(by('paper-close')).click()
  await open(page, '/activities', by('publish'))
  await page.locator('[data-value=all]').click()
  await page.locator(by('activity-row')).first().click()
  await page.locator(by('activity-name')).waitFor()
  for (const tab of ['overview', 'signup', 'checkin', 'summary']) {
    await page.locator(by(`tab-${tab}`)).click()
    await quiet(page)
    await see(`activity, ${tab}`)
    if (tab === 'checkin') for (const way of ['card', 'qr', 'after', 'roll']) { await page.locator(by(`way-${way}`)).click(); await quiet(page); await see(`activity, ${way}`) }
  }
  await page.locator(by('sync-pill')).click()
  await page.locator(by('sync-pop')).waitFor()
  await see('pill')
  await page.locator(by('lock')).click()
  await page.locator(by('locked')).waitFor()
  await see('locked')
  await page.locator(by('unlock')).click()
  await page.locator(by('locked')).waitFor({ state: 'detached' })
}

async function open(page, path, there) {
  await go(page, path)
  await page.locator(there).first().waitFor()
  await quiet(page)
}
