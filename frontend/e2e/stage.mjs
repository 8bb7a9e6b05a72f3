// A stage holds everything that one flow uses - devices, pages - and takes it
// down afterwards, also after a failure. Start reading at Stage.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDevice } from './device.mjs'
import { chinese, slips, visibleTexts } from './words.mjs'

export const WAIT_MS = 15_000 // two busy cores; every wait is for a condition
const POLL_MS = 100
const WINDOW = { width: 1280, height: 800 }
const PHONE = { width: 390, height: 844 }
// A refused call is an answer; the browser reports its status all the same.
const REFUSAL = /Failed to load resource: the server responded with a status of (400|403|409|422|429)/

export class Stage {
  constructor(name, binary, browser) {
    Object.assign(this, { name, binary, browser, devices: [], pages: [], complaints: [] })
  }

  async device(label) {
    const device = await startDevice(this.binary, label)
    this.devices.push(device)
    return device
  }

  // page opens a browser of its own (own storage) on an address.
  async page(url, { phone = false } = {}) {
    const context = await this.browser.newContext({ viewport: phone ? PHONE : WINDOW, isMobile: phone, hasTouch: phone, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
    const page = await context.newPage()
    page.setDefaultTimeout(WAIT_MS)
    page.answers = ''
    page.on('pageerror', (err) => this.complain(`page error: ${err.message}`))
    page.on('console', (m) => { if (m.type() === 'error' && !REFUSAL.test(m.text())) this.complain(`console: ${m.text().slice(0, 200)} ${m.location()?.url ?? ''}`) })
    page.on('response', (r) => { if (/\/call\//.test(r.url())) r.text().then((text) => { page.answers += text }, () => {}) })
    page.on('request', (r) => { if (!new URL(r.url()).hostname.match(/^(127\.0\.0\.1|)$/)) this.complain(`asked another machine: ${r.url()}`) })
    this.pages.push(page)
    await page.goto(url)
    return page
  }

  complain(text) {
    if (!this.complaints.includes(text)) this.complaints.push(text)
  }

  // read looks for words that are none on what the page shows now. Chinese in
  // an English screen counts unless the program sent it or the flow typed it.
  async read(page, where, { english = false, data = '' } = {}) {
    const texts = await visibleTexts(page)
    if (!texts.length) this.complain(`${where}: nothing is shown`)
    if (await page.locator('[data-test=broken]').count()) this.complain(`${where}: the screen broke`)
    const known = page.answers + data
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
