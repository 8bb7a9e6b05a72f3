// A computer of the same room joins by six digits: the office opens the window,
// the new one knocks at a typed address (nobody looks around on loopback), is seen
// by its name and picked; wrong digits are refused, the right ones let it in once
// its person agrees, too. With the window closed nobody is there.
import { by, COMMUNITY, deviceRow, founded, go, shown, text } from '../screens.mjs'
import { equal, holds } from '../stage.mjs'

const PAIRING_MS = 30_000 // a person must be through by then; here it takes seconds

async function knock(page, address, name) {
  await page.locator(by('near-name')).fill(name)
  await page.locator(by('near-address')).fill(address)
  await page.locator(by('near-find')).click()
}

export const weight = 2
export default async function (stage) {
  const [office, fresh] = await Promise.all([founded(stage), stage.device('fresh')])
  const desk = await stage.page(office.url)
  const page = await stage.page(fresh.url)
  const [address] = (await office.call('devices.meeting')).addresses
  await page.locator(by('first-join')).click()
  await page.locator(by('first-nearby')).click()
  await knock(page, address, '李样的笔记本')
  await shown(page, '#app', '找不到那台电脑')

  await go(desk, '/devices')
  await desk.locator(by('let-near')).click()
  await shown(desk, by('meet-address'), address)
  await stage.read(desk, 'the window is open')
  const began = Date.now()
  await knock(page, address, '李样的笔记本')
  await shown(page, '#app', '等办公室点这台')
  await stage.read(page, 'it has knocked')
  await shown(desk, by('knocker'), '李样的笔记本')
  await desk.locator(by('meet-pick')).click()
  await desk.locator(by('ticket-name')).fill('滨河站电脑')
  await desk.locator(by('ticket-place')).fill('滨河实践站')
  await stage.read(desk, 'what it will be')
  await desk.locator(by('meet-offer')).click()
  await shown(page, by('near-who'), COMMUNITY.community)
  await shown(page, by('near-who'), '滨河站电脑')
  await stage.read(page, 'digits to compare')
  const digits = (await text(page, by('near-code'))).replace(/\s/g, '')
  holds(/^\d{6}$/.test(digits), `the digits are ${digits}`)
  await desk.locator(by('meet-code')).fill(digits === '000000' ? '000001' : '000000')
  await desk.locator(by('meet-compare')).click()
  await shown(desk, by('meet-dialog'), '还能输 2 次')
  await stage.read(desk, 'wrong digits')
  await desk.locator(by('meet-code')).fill(digits)
  await desk.locator(by('meet-compare')).click()
  await desk.locator(by('meet-matched')).waitFor()
  await stage.read(desk, 'the digits match')
  await page.locator(by('join-operator')).fill('李经办')
  await page.locator(by('near-agree')).click()
  await page.locator(by('to-work')).click({ timeout: PAIRING_MS })
  await desk.locator(by('meet-joined')).waitFor()
  holds(Date.now() - began < PAIRING_MS, `it took ${Date.now() - began} ms`)
  await stage.read(desk, 'it has joined')
  await desk.locator(by('meet-done')).click()
  await desk.locator(deviceRow('滨河站电脑', true)).waitFor()
  await page.locator(by('station-query')).waitFor()
  equal((await office.call('devices.meeting')).left, 0, 'milliseconds that the window is still open')
}
