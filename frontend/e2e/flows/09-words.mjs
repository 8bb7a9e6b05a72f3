// The sample community, every screen in Chinese: no key instead of a word, no
// hole, no undefined, no complaint of the browser.
import { by } from '../screens.mjs'
import { WAIT_MS } from '../stage.mjs'
import { tour } from '../tour.mjs'

export const weight = 5
export default async function (stage) {
  const office = await stage.device('office')
  const page = await stage.page(office.url)
  await page.locator(by('first-restore')).click()
  await page.locator(by('first-back')).waitFor()
  await stage.read(page, 'restore')
  await page.locator(by('first-back')).click()
  await page.locator(by('first-sample')).click()
  await page.locator(by('home-register')).waitFor({ timeout: 2 * WAIT_MS })
  await tour(page, (where) => stage.read(page, where))
}
