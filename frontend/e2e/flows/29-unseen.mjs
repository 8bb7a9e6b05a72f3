// A station is revoked while another one alone knows what it recorded last. That comes to
// the office, counts nowhere and is listed with what to do; the office says that it was honest
// work, and the person is there.
import { by, count, enrol, founded, go, nameOf, phoneNumber, said, shown } from '../screens.mjs'
import { equal, until } from '../stage.mjs'

const PLACES = ['柳溪实践站', '河湾实践站']

export const weight = 2
export default async function (stage) {
  const [office, ...stations] = await Promise.all([founded(stage), ...PLACES.map((_, n) => stage.device(`station-${n}`))])
  for (const [n, d] of stations.entries()) {
    const { text } = await office.call('devices.ticket', { role: 'station', name: PLACES[n], placeName: PLACES[n] })
    await d.call('setup.join', { text, device: PLACES[n], operator: '李经办' })
  }
  const here = (d, id) => d.call('people.get', { id }).then((p) => p.name, () => '')
  const [old] = await enrol(office, [{ name: nameOf(1), phone: phoneNumber(1) }])
  for (const d of stations) await until('the stations are in step', () => here(d, old.id))
  const [station, west] = stations
  const list = (await west.call('devices.list', {})).devices.find((d) => d.self)
  await station.call('devices.addAddress', { id: list.id, address: list.addresses[0] })
  await until('the stations have met', () => station.call('devices.list', {}), (d) => d.devices.find((x) => x.id === list.id).online)
  await office.call('devices.pause', { on: true })
  const [late] = await enrol(station, [{ name: nameOf(2), phone: phoneNumber(2) }])
  await until('the other station has it', () => here(west, late.id))
  for (const d of stations) await d.call('devices.pause', { on: true })
  await office.call('devices.pause', { on: false })

  const page = await stage.page(`${office.url}#/devices`)
  await page.locator(by('device-row')).filter({ hasText: PLACES[0] }).locator(by('revoke')).click()
  await page.locator(by('yes')).click()
  await shown(page, by('device-row'), /柳溪实践站.*已停用/s)
  await west.call('devices.pause', { on: false })
  await until('it has come and is masked', () => office.call('devices.list', {}), (d) => d.unseen.length > 0)
  equal(await here(office, late.id), '', 'somebody nobody had seen')
  await go(page, '/audit/refused')
  await shown(page, by('unseen-row'), /没有算进去/)
  await stage.read(page, 'work of a revoked device')
  await page.locator(by('count-unseen')).click()
  await stage.read(page, 'asked whether it counts')
  await page.locator(by('yes')).click()
  await said(page, '算数')
  await count(page, by('unseen-row'), 0)
  for (const d of [office, west]) await until('the person is there', () => here(d, late.id), (name) => name === nameOf(2))
  await go(page, '/people')
  await shown(page, 'main', '居*乙')
}
