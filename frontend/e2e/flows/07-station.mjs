// A station joins by the text of a ticket, both screens show each other
// online; the station is cut off: a banner in words on both, work goes on;
// connected again: the sentence of what was exchanged, equal people.
import { by, deviceRow, founded, enrol, go, joinByTicket, residents, said, shown, text } from '../screens.mjs'
import { equal, holds, until } from '../stage.mjs'

const total = async (device) => (await device.call('people.list', { q: '', grid: '', sort: 'name', desc: false, offset: 0, limit: 50 })).total

export const weight = 4
export default async function (stage) {
  const [office, station] = await Promise.all([founded(stage), stage.device('station')])
  await enrol(office, residents(3))
  const desk = await stage.page(office.url)
  const page = await stage.page(station.url)
  await joinByTicket(desk, page, 'station', '滨河实践站')
  await page.locator(by('station-query')).waitFor()
  await stage.read(page, 'station home')
  await desk.locator(deviceRow('滨河实践站', true)).waitFor()
  await go(page, '/devices')
  await page.locator(deviceRow('滨河社区办公室', true)).waitFor()
  await until('the people are on the station', () => total(station), (n) => n === 3)
  await until('nothing is only on one', async () => (await station.call('devices.list')).onlyHere, (n) => n === 0)
  await stage.read(desk, 'devices')

  await page.locator(by('pause')).click()
  await page.locator(by('paused')).waitFor()
  holds(/[\u4e00-\u9fff]{4}/.test(await text(page, by('paused'))), 'the banner has no words')
  await desk.locator(by('offline')).waitFor()
  await desk.locator(deviceRow('滨河实践站', false)).waitFor()
  await stage.read(desk, 'devices, alone')
  await go(page, '/people?register=1') // work goes on
  await page.locator(by('register-name')).fill('李四')
  await page.locator(by('register-phone')).fill('13900007777')
  await page.locator(by('register-do')).click()
  await page.locator(by('register-dialog')).waitFor({ state: 'detached' })
  await page.locator(by('person-panel')).waitFor()
  equal([await total(station), await total(office)], [4, 3], 'people while apart')
  await until('the banner says how many wait', () => text(page, by('paused')), (t) => /[1-9]/.test(t))
  await stage.read(page, 'station, cut off')

  await page.locator(by('resume')).click()
  await page.locator(by('paused')).waitFor({ state: 'detached' })
  await said(page, /[1-9]\d* 条已同步/, 30_000) // the next try to connect may be some seconds away
  await desk.locator(deviceRow('滨河实践站', true)).waitFor()
  await desk.locator(by('offline')).waitFor({ state: 'detached' })
  await until('the new person is at the office', () => total(office), (n) => n === 4)
  await page.locator(by('sync-pill')).click()
  await shown(page, by('sync-pop'), '滨河社区办公室')
  await stage.read(page, 'pill')
}
