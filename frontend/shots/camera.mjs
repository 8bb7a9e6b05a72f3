// The camera: a dev server of its own on 127.0.0.1 with the pretended program, and
// Debian's chromium. It hands every picture and what complained meanwhile to its caller.
import { chromium } from 'playwright-core'
import { createServer } from 'vite'

const ARGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
const WINDOW = { width: 1280, height: 800 }

// photograph takes pictures one after the other. scale: pixels for each of the phone's;
// taken(picture, page, png, failed) gets each of them; complaints are counted and printed.
export async function photograph(pictures, { scale, taken }) {
  process.env.VITE_MOCK = '1'
  const server = await createServer({ root: new URL('..', import.meta.url).pathname, server: { host: '127.0.0.1', port: 0, strictPort: false }, logLevel: 'error' })
  await server.listen()
  const base = `http://127.0.0.1:${server.httpServer.address().port}`
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGS })
  const warm = await browser.newPage()
  for (const page of ['/', '/phone.html']) { await warm.goto(base + page); await warm.waitForTimeout(4000) }
  await warm.close()
  let bad = 0
  const complain = (name, text) => { bad++; console.log(`${name}: ${text}`) }
  for (const p of pictures) {
    const context = await browser.newContext({ viewport: p.size ?? WINDOW, deviceScaleFactor: p.phone ? scale : 1, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
    const page = await context.newPage()
    page.on('pageerror', (e) => complain(p.name, e.message))
    page.on('console', (m) => { if (m.type() === 'error' || m.type() === 'warning') complain(p.name, m.text().slice(0, 300)) })
    try {
      await page.goto(base + (p.phone ? `/phone.html${p.query ?? ''}#${p.path}` : `/${p.query ?? ''}#${p.path}`), { waitUntil: 'networkidle' })
      await page.waitForSelector('#app > *, #phone > *', { timeout: 15000 })
      await page.waitForTimeout(300)
      if (p.act) await p.act(page)
      await page.waitForTimeout(450)
      const png = await page.screenshot()
      for (const text of (await taken(p, page, png, false)) ?? []) complain(p.name, text)
    } catch (e) {
      complain(p.name, e.message.split('\n')[0])
      await page.screenshot().then((png) => taken(p, page, png, true)).catch(() => {})
    }
    await context.close()
  }
  await browser.close()
  await server.close()
  return bad
}
