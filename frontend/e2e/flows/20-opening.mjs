// Who may open the screens: the first browser where nothing is yet, then only
// who reads what the program printed: the link, once, or the code.
import { COMMUNITY, by, founded } from '../screens.mjs'
import { equal, holds } from '../stage.mjs'

export default async function (stage) {
  const empty = await stage.device('empty')
  const first = await stage.page(empty.url, { shut: true })
  await first.locator(by('first-create')).waitFor()
  const second = await stage.page(empty.url, { shut: true })
  await second.locator(by('opening')).waitFor()

  const device = await founded(stage, 'opening')
  const page = await stage.page(device.url, { shut: true })
  await page.locator(by('opening')).waitFor()
  await stage.read(page, 'the opening code is asked for')
  await code(page, wrong(device.where.code))
  await page.locator(by('fault')).waitFor()
  await stage.read(page, 'a wrong code')
  holds(!page.answers.includes(COMMUNITY.community), 'a browser that was not let in was told something')
  await code(page, device.where.code)
  await page.locator(by('nav-people')).waitFor()
  await page.reload()
  await page.locator(by('nav-people')).waitFor()

  const linked = await stage.page(device.where.link, { shut: true })
  await linked.locator(by('nav-people')).waitFor()
  holds(!linked.url().includes('open='), `the word stays in the address: ${linked.url()}`)
  const again = await stage.page(device.where.link, { shut: true })
  await again.locator(by('opening')).waitFor()
  equal(await linked.evaluate(async () => (await fetch('/api/file/people.xlsx')).status), 401, 'a file without the session')
}
async function code(page, digits) {
  await page.locator(by('opening-code')).fill(digits)
  await page.locator(by('opening-do')).click()
}
const wrong = (code) => (code[0] === '0' ? '1' : '0') + code.slice(1)
