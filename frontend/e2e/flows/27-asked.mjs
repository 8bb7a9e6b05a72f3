// A claim that is sent back for more: asked at the desk, replied to on the phone with a
// picture while the station is away. The page is closed, and what it kept is sent once
// by the next one; then the claim is reviewed and booked.
import { by, digits, founded, go, phoneNumber, shown, withPoints } from '../screens.mjs'
import { equal, until } from '../stage.mjs'

const picture = async (page) => Buffer.from(await page.evaluate(() => {
  const canvas = document.createElement('canvas')
  canvas.width = 800; canvas.height = 600
  const on = canvas.getContext('2d')
  on.fillStyle = '#36a'; on.fillRect(0, 0, 800, 600)
  return canvas.toDataURL('image/png').split(',')[1]
}), 'base64')

export default async function (stage) {
  const office = await founded(stage)
  const number = phoneNumber(1)
  const [who] = await withPoints(office, [{ name: '居民甲', phone: number, points: 10 }])
  const { items } = await office.call('scheme.get', {})
  const item = items.find((i) => i.kind === 'deed' || i.kind === 'time')
  item.self = true
  await office.call('scheme.save', { items })
  const claim = async () => (await office.call('claim.list', { person: who.id })).rows[0]
  const page = await stage.page(office.phone, { phone: true })
  await page.locator(by('tab-me')).click()
  await page.locator(by('phone-code')).fill(digits(who.code))
  await page.locator(by('phone-tail')).fill(number.slice(-4))
  await page.locator(by('phone-sign-in')).click()
  await shown(page, by('phone-spendable'), /^10$/)
  await page.evaluate(() => { location.hash = '/claim' })
  await page.locator(by('claim-item')).selectOption(item.code)
  await page.locator(by('claim-witness')).fill('李四')
  await page.locator(by('claim-send')).click()
  await until('the claim', claim, (c) => c?.state === 'review')

  const desk = await stage.page(office.url)
  await go(desk, '/points/claims')
  await desk.locator(by('claim-ask')).click()
  await desk.locator(by('claim-why')).fill('扫的是几号楼？')
  await desk.locator(by('claim-why-do')).click()
  await desk.locator('[data-value=asked]').click()
  await shown(desk, by('claim-question'), '扫的是几号楼')
  await stage.read(desk, 'what was sent back')
  await until('its days have begun', claim, (c) => c.state === 'asked' && c.until > 0)

  await page.evaluate(() => { location.hash = '/' })
  await page.reload()
  await page.locator(by('claims-asked')).click()
  await shown(page, by('claim-question'), '扫的是几号楼')
  await shown(page, by('reply-until'), '这条就不算了')
  await stage.read(page, 'the question')
  const context = page.context()
  await context.setOffline(true)
  await page.locator(by('reply-text')).fill('2 号楼')
  await page.locator(by('claim-photo')).setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: await picture(page) })
  await page.locator(by('claim-photo-off')).waitFor()
  await page.locator(by('reply-send')).click()
  await shown(page, by('reply-kept'), '还在手机里')
  await shown(page, by('notice'), '已留在手机里')
  await stage.read(page, 'a reply that waits')
  equal((await claim()).state, 'asked', 'before it is sent')
  const kept = (at) => at.evaluate(() => new Promise((resolve) => {
    const open = indexedDB.open('jishan.phone', 1)
    open.onsuccess = () => { const all = open.result.transaction('shots').objectStore('shots').getAllKeys(); all.onsuccess = () => { open.result.close(); resolve(all.result.length) } }
  }))
  equal(await kept(page), 1, 'pictures that are kept')
  await page.close()
  await context.setOffline(false)

  const next = await context.newPage()
  await next.goto(office.phone)
  await until('the reply with its picture', claim, (c) => c.state === 'review' && c.photos === 1 && c.asked[0].reply === '2 号楼')
  await until('nothing is kept any more', () => kept(next), (n) => n === 0)
  await next.evaluate(() => { location.hash = '/claims' })
  await shown(next, by('claim-replied'), '2 号楼')
  await desk.locator('[data-value=todo]').click()
  await shown(desk, by('claim-replied'), '2 号楼')
  await stage.read(desk, 'the reply')
  await desk.locator(by('claim-yes')).click()
  await until('it is booked', claim, (c) => c.state === 'booked')
}
