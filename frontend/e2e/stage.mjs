// A stage holds everything that one flow uses - devices, pages - and takes it
// down afterwards, also after a failure. Start reading at Stage.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDemo, startDevice } from './device.mjs'
import { chinese, slips, visibleTexts } from './words.mjs'

export const WAIT_MS = 30_000 // busy machines; every wait is for a condition, so only failures take this long
const POLL_MS = 100
const WINDOW = { width: 1280, height: 800 }
const PHONE = { width: 390, height: 844 }
const CALL = /\/call\//
// A refused call is an answer; the browser reports its status all the same.
// A refusal that is asked for; or the network that a flow itself has switched off.
const REFUSAL = /Failed to load resource: (the server responded with a status of (400|401|403|409|422|429)|net::ERR_INTERNET_DISCONNECTED)/

export class Stage {
  constructor(name, binary, browser) {
    Object.assign(this, { name, binary, browser, devices: [], pages: [], complaints: [] })
  }

  async device(label) {
    const device = await startDevice(this.binary, label)
    this.devices.push(device)
    return device
  }

  // demo starts `jishan demo`; what it printed is in its where.
  async demo() {
    const demo = await startDemo(this.binary)
    this.devices.push(demo)
    return demo
  }

  // page opens a browser of its own (own storage) on an address and waits for
  // its first screen: what a flow does next it does to a page that is there. The
  // screens of a device are open to it, as if their code had been typed.
  async page(url, { phone = false, shut = false } = {}) {
    const context = await this.browser.newContext({ viewport: phone ? PHONE : WINDOW, isMobile: phone, hasTouch: phone, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
    const page = await context.newPage()
    page.setDefaultTimeout(WAIT_MS)
    Object.assign(page, { answers: '', asking: new Set(), bodies: new Set() })
    await page.addInitScript(remember)
    const device = this.devices.find((d) => d.url && url.startsWith(d.url))
    if (device && !shut) await page.addInitScript((session) => localStorage.setItem('jishan.session', session), await device.enter())
    page.on('pageerror', (err) => this.complain(`page error: ${err.message}`))
    page.on('console', (m) => { if (m.type() === 'error' && !REFUSAL.test(m.text())) this.complain(`console: ${m.text().slice(0, 200)} ${m.location()?.url ?? ''}`) })
    page.on('response', (r) => { if (CALL.test(r.url())) this.keep(page, r) })
    for (const over of ['requestfinished', 'requestfailed']) page.on(over, (r) => page.asking.delete(r))
    page.on('request', (r) => { if (CALL.test(r.url())) page.asking.add(r); if (!new URL(r.url()).hostname.match(/^(127\.0\.0\.1|)$/)) this.complain(`asked another machine: ${r.url()}`) })
    this.pages.push(page)
    await page.goto(url)
    if (!shut) await arrived(page)
    return page
  }

  // keep adds what an answer says to everything the page was told so far.
  keep(page, answer) {
    const body = answer.text().then((text) => { page.answers += text }, () => {}).finally(() => page.bodies.delete(body))
    page.bodies.add(body)
  }

  complain(text) {
    if (!this.complaints.includes(text)) this.complaints.push(text)
  }

  // read looks for words that are none on what the page shows now. Chinese in
  // an English screen counts unless the program sent it or the flow typed it.
  async read(page, where, { english = false, data = '' } = {}) {
    await quiet(page)
    const texts = await visibleTexts(page)
    await Promise.all(page.bodies) // what is shown was sent, but may not have been heard here yet
    if (!texts.length) this.complain(`${where}: nothing is shown`)
    if (await page.locator('[data-test=broken]').count()) this.complain(`${where}: the screen broke`)
    const known = page.answers + data + (await page.evaluate(() => window.opened ?? ''))
    for (const slip of slips(texts, known)) this.complain(`${where}: ${slip}`)
    if (english) for (const slip of chinese(texts, known)) this.complain(`${where}: Chinese: ${slip}`)
  }

  async end() {
    for (const page of this.pages) await page.context().close().catch(() => {})
    await Promise.all(this.devices.map((d) => d.stop()))
  }

  // pictures saves what every page shows, for whoever looks after a failure.
  async pictures() {
    const dir = mkdtempSync(join(tmpdir(), `jishan-e2e-${this.name}-failed-`))
    const out = []
    for (const [n, page] of this.pages.entries()) {
      const path = join(dir, `${n + 1}.png`)
      if (await page.screenshot({ path, timeout: 5_000 }).catch(() => null)) out.push(path)
    }
    return out
  }
}

// remember runs in the page: notices vanish by themselves, on a busy machine
// before anybody looks, so their texts are kept (screens.mjs, said).
function remember() {
  window.saidSoFar = []
  window.opened = ''
  const parse = JSON.parse // phones get their answers sealed: what came out is kept
  JSON.parse = (text, ...how) => { window.opened += text; return parse(text, ...how) }
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const n of addedNodes) {
      if (n.nodeType === Node.ELEMENT_NODE) for (const e of [n, ...n.querySelectorAll('[data-test=said]')]) if (e.matches('[data-test=said]')) window.saidSoFar.push(e.textContent)
    }
  }).observe(document, { childList: true, subtree: true })
}

// arrived waits until the page shows the screen of the address that it has: not
// the one before, and not none, as while it is opening. Until then the router
// hears no change of the address and would overwrite it.
export async function arrived(page) {
  await page.waitForFunction(() => {
    if (document.querySelector('#phone')) return document.querySelector('#phone > *')
    const at = document.querySelector('#app')?.__vue_app__?.config.globalProperties.$router?.currentRoute.value
    return at?.matched.length && decodeURI(at.fullPath) === decodeURI(location.hash.slice(1)) && document.querySelector('main > *')
  }, null, { timeout: WAIT_MS })
}

// quiet waits until no answer is outstanding and what came was drawn. The stream
// of events is never over, so "network idle" would wait in vain.
export async function quiet(page) {
  await until('all questions of the page are answered', () => page.asking.size, (n) => n === 0)
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
}

// until waits for a condition outside the pages; the last value is returned.
export async function until(what, ask, enough = Boolean, ms = WAIT_MS) {
  const end = Date.now() + ms
  let last, fault
  do {
    try { last = await ask(); fault = null; if (enough(last)) return last } catch (err) { fault = err }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  } while (Date.now() < end)
  throw new Error(`${what} did not come about within ${ms} ms; last seen: ${fault ? fault.message : JSON.stringify(last)?.slice(0, 300)}`)
}

// equal throws when a value is not the one expected.
export function equal(got, want, what) {
  if (JSON.stringify(got) !== JSON.stringify(want)) throw new Error(`${what}: got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`)
}
export function holds(ok, what) {
  if (!ok) throw new Error(what)
}
