// Chromium and the few things every flow does with a page.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

export const t = (name) => `[data-test="${name}"]`
export const PATIENCE_MS = 20_000

export async function open() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })
}

// newPage opens a page whose uncaught errors end the run.
export async function newPage(browser, complaints, phone = false) {
  const context = await browser.newContext({ viewport: phone ? { width: 390, height: 844 } : { width: 1280, height: 800 }, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', acceptDownloads: true })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  page.on('pageerror', (e) => complaints.push(`${page.url()}: ${e.stack ?? e.message}`))
  return page
}

export async function picture(page, name) {
  const dir = process.env.E2E_SHOTS
  if (!dir) return
  mkdirSync(dir, { recursive: true })
  await page.screenshot({ path: join(dir, `${name}.png`) })
}

export const text = async (page, name) => (await page.locator(t(name)).first().textContent())?.trim() ?? ''

// until waits for a condition that is not one element's state.
export async function until(what, check, patience = PATIENCE_MS) {
  const end = Date.now() + patience
  let last
  while (Date.now() < end) {
    try {
      last = await check()
      if (last) return last
    } catch (e) {
      last = e.message
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`${what}: not within ${patience} ms (${last})`)
}

export function equal(what, got, want) {
  if (JSON.stringify(got) !== JSON.stringify(want)) throw new Error(`${what}: got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`)
}

// pick chooses a person in a "find one person" field.
export async function pick(page, within, name) {
  const field = page.locator(`${within} ${t('person-pick')}`)
  await field.fill(name)
  await page.locator(`${within} ${t('person-option')}`).first().click()
}
