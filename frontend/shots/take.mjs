// Takes pictures of the screens with the pretended program, for looking at:
//   npm run shots -- OUT [names-matching]
// Starts a dev server of its own on 127.0.0.1 and uses Debian's chromium.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { createServer } from 'vite'
import { shortcomings } from '../e2e/senior.mjs'
import { PICTURES } from './list.mjs'

const out = process.argv[2] ?? join(tmpdir(), 'jishan-shots')
const only = new RegExp(process.argv[3] ?? '')
mkdirSync(out, { recursive: true })
process.env.VITE_MOCK = '1'
const server = await createServer({ root: new URL('..', import.meta.url).pathname, server: { host: '127.0.0.1', port: 0, strictPort: false }, logLevel: 'error' })
await server.listen()
const base = `http://127.0.0.1:${server.httpServer.address().port}`
const profile = mkdtempSync(join(tmpdir(), 'jishan-chromium-'))
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] })
const warm = await browser.newPage()
for (const page of ['/', '/phone.html']) { await warm.goto(base + page); await warm.waitForTimeout(4000) }
await warm.close()
let bad = 0
for (const p of PICTURES.filter((x) => only.test(x.name))) {
  const context = await browser.newContext({ viewport: p.size ?? { width: 1280, height: 800 }, deviceScaleFactor: p.phone ? 2 : 1, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
  const page = await context.newPage()
  page.on('pageerror', (e) => { bad++; console.log(`${p.name}: ${e.message}`) })
  page.on('console', (m) => { if (m.type() === 'error' || m.type() === 'warning') { bad++; console.log(`${p.name}: ${m.text().slice(0, 300)}`) } })
  try {
    await page.goto(base + (p.phone ? `/phone.html${p.query ?? ''}#${p.path}` : `/${p.query ?? ''}#${p.path}`), { waitUntil: 'networkidle' })
    await page.waitForSelector('#app > *, #phone > *', { timeout: 15000 })
    await page.waitForTimeout(300)
    if (p.act) await p.act(page)
    await page.waitForTimeout(450)
    await page.screenshot({ path: join(out, `${p.name}.png`) })
    if (p.senior) for (const s of await shortcomings(page)) { bad++; console.log(`${p.name}: ${s}`) }
  } catch (e) {
    bad++
    console.log(`${p.name}: ${e.message.split('\n')[0]}`)
    await page.screenshot({ path: join(out, `${p.name}-failed.png`) }).catch(() => {})
  }
  await context.close()
}
await browser.close()
await server.close()
rmSync(profile, { recursive: true, force: true })
console.log(`${PICTURES.length} pictures, ${bad} complaints, in ${out}`)
process.exit(bad ? 1 : 0)
