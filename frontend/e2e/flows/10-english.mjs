// The same in English: besides data, nothing Chinese stands on any screen of
// the first run, the office, or the phone.
import { by, count } from '../screens.mjs'
import { WAIT_MS } from '../stage.mjs'
import { tour } from '../tour.mjs'

export const weight = 5
export default async function (stage) {
  const office = await stage.device('office')
  const page = await stage.page(office.url)
  await page.locator(by('lang-en')).click()
  // The example roster is data: rosters come with Chinese headings and names.
  const data = '姓名手机号网格住址可用积分和平里一居民甲居民乙张*芳张三芳'
  const see = (where) => stage.read(page, `English, ${where}`, { english: true, data })
  for (const card of ['create', 'join', 'restore']) {
    await page.locator(by(`first-${card}`)).click()
    await page.locator(by('first-back')).waitFor()
    await see(card)
    await page.locator(by('first-back')).click()
    await page.locator(by('first-sample')).waitFor()
  }
  await see('first run')
  await page.locator(by('first-sample')).click()
  await page.locator(by('home-register')).waitFor({ timeout: 2 * WAIT_MS })
  await tour(page, see)

  const phone = await stage.page(`${office.phone}?lang=en`, { phone: true })
  await phone.locator(by('to-sign-in')).waitFor()
  await stage.read(phone, 'English phone', { english: true })
  await phone.locator(by('to-sign-in')).click()
  await count(phone, by('phone-code'), 1)
  await stage.read(phone, 'English phone, sign in', { english: true })
}
