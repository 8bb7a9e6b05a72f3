// What hands do on the screens, named once for all flows. Everything is found
// by data-test, never by words or position.
import { WAIT_MS, arrived, equal } from './stage.mjs'

export const by = (name) => `[data-test=${name}]`

// shown waits until a place shows a text or matches a pattern.
export async function shown(page, selector, text) {
  await page.locator(selector).filter({ hasText: text }).first().waitFor()
}
export async function count(page, selector, n) {
  await page.waitForFunction(([s, want]) => document.querySelectorAll(s).length === want, [selector, n], { timeout: WAIT_MS })
    .catch(async () => equal(await page.locator(selector).count(), n, `how many ${selector}`))
}
export const text = async (page, selector) => (await page.locator(selector).first().innerText()).trim()
// go changes the address as a hand would and waits until that screen is there.
export async function go(page, path) {
  await page.evaluate((to) => { location.hash = to }, path)
  await arrived(page)
}
// said waits for a notice, or finds it among those that have vanished since the
// last one that was asked for.
export async function said(page, pattern, timeout = WAIT_MS) {
  const [source, flags] = pattern instanceof RegExp ? [pattern.source, pattern.flags] : [pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), '']
  const heard = ([s, f]) => { const n = window.saidSoFar.findIndex((text) => new RegExp(s, f).test(text)); return n >= 0 && window.saidSoFar.splice(0, n + 1).length }
  await page.waitForFunction(heard, [source, flags], { timeout })
    .catch(async () => { throw new Error(`no notice says ${pattern}; said were: ${JSON.stringify(await page.evaluate(() => window.saidSoFar))}`) })
}
export const digits = (s) => s.replace(/\D/g, '')

export const COMMUNITY = { community: '滨河社区', parent: '迎泽街道', office: '滨河社区办公室', operator: '王经办', grids: ['和平里一', '和平里二'] }

// founded starts a device on which a community was already created.
export async function founded(stage, label = 'office') {
  const device = await stage.device(label)
  await device.call('setup.create', COMMUNITY)
  return device
}

// enrol registers people without a screen; it returns {id, code} in their order.
export async function enrol(device, people) {
  const out = []
  for (const p of people) out.push(await device.call('people.register', { name: '', phone: '', idNumber: '', birthday: '', grid: '', address: '', usualPlace: '', skills: '', note: '', guardian: '', household: '', ...p }))
  return out
}
export const phoneNumber = (n) => `139${String(10_000_000 + n * 137).padStart(8, '0')}`
export const nameOf = (n) => `居民${'甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥'[n - 1]}` // n from 1
export const residents = (n) => Array.from({ length: n }, (_, i) => ({ name: nameOf(i + 1), phone: phoneNumber(i + 1) }))

// opening imports people with points they already have; it returns their rows.
export async function withPoints(device, people) {
  const text = ['姓名\t手机号\t可用积分\t年度积分', ...people.map((p) => `${p.name}\t${p.phone}\t${p.points}\t${p.year ?? ''}`)].join('\n')
  const seen = await device.call('people.rosterPreview', { text, file: '' })
  equal([seen.good, seen.bad], [people.length, 0], 'rows of the roster')
  await device.call('people.rosterImport', { token: seen.token })
  const { rows } = await device.call('people.list', { q: '', grid: '', sort: 'created', desc: false, offset: 0, limit: 200 })
  return people.map((p) => rows.find((r) => r.name === p.name && r.phoneTail === p.phone.slice(-4)))
}

// offer puts something on the shelf by the screen, with a first delivery.
export async function addOffer(page, { name, points, unit, first }) {
  await page.locator(by('offer-add')).click()
  await page.locator(by('offer-name')).fill(name)
  await page.locator(by('offer-points')).fill(String(points))
  await page.locator(by('offer-unit')).fill(unit)
  await page.locator(by('offer-first')).fill(String(first))
  await page.locator(by('offer-save')).click()
  await page.locator(`${by('offer-row')}[data-name="${name}"]`).waitFor()
}

// gun types a code as a scanner gun does: real keys 5 ms apart, then Enter. The
// keys carry their times, so a busy machine makes no slow typist of the gun.
// pauseMs is a hiccup in the middle, as a radio gun has it.
export async function gun(page, code, pauseMs = 0) {
  const cdp = await page.context().newCDPSession(page)
  const keys = [...code].map((c) => ({ key: c, text: c, unmodifiedText: c })).concat({ key: 'Enter', code: 'Enter', text: '\r', unmodifiedText: '\r', windowsVirtualKeyCode: 13 })
  let at = Date.now() - keys.length * 5 - pauseMs
  await Promise.all(keys.flatMap((k, n) => {
    at += 5 + (n === Math.floor(keys.length / 2) ? pauseMs : 0)
    return [cdp.send('Input.dispatchKeyEvent', { type: 'keyDown', timestamp: at / 1000, ...k }), cdp.send('Input.dispatchKeyEvent', { type: 'keyUp', timestamp: at / 1000, key: k.key, code: k.code })]
  }))
  await cdp.detach()
}
export async function scanPerson(page, code) {
  await page.locator(by('till-field')).waitFor()
  await gun(page, code)
  await page.locator(by('till-here')).waitFor()
}
export const tile = (page, name) => page.locator(`${by('offer')}[data-name="${name}"]`)

// joinByTicket lets a new device in: the office makes a ticket on its devices
// screen, the new one takes the text in on its first screen.
export async function joinByTicket(officePage, newPage, role, name) {
  await go(officePage, '/devices')
  await officePage.locator(by('let-join')).click()
  await officePage.locator(`${by('ticket-role')} [data-value=${role}]`).click()
  await officePage.locator(by('ticket-name')).fill(name)
  await officePage.locator(by('ticket-make')).click()
  const ticket = await text(officePage, by('ticket'))
  await officePage.locator(by('dialog-close')).click()
  await newPage.locator(by('first-join')).click()
  await newPage.locator(by('ticket-text')).fill(ticket)
  await newPage.locator(by('ticket-read')).click()
  await shown(newPage, by('ticket-office'), COMMUNITY.community)
  await newPage.locator(by('join-operator')).fill('李经办')
  await newPage.locator(by('join-do')).click()
  await newPage.locator(by('to-work')).click({ timeout: 2 * WAIT_MS }) // enrolment and the first exchange
}
export const deviceRow = (name, online) => `${by('device-row')}[data-online=${online}]:has-text("${name}")`
