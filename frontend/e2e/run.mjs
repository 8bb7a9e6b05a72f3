// The browser flows: real processes of the program, real screens in Chromium,
// loopback only. Run by `make test` with JISHAN=<the built program>; names as
// arguments choose flows. One line a flow: "ok <name>" or "FAIL <name>: <why>".
import { existsSync, readdirSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { Stage } from './stage.mjs'

const LANES = 2 // flows at a time: as many as the smallest machine has cores
const FLOW_MS = 300_000 // no flow may hold up the others for longer; alone on a machine the longest takes a tenth
// Flows count what is of today. None begins so late that its day could end.
const DAY_MS = 86_400_000, CHINA_MS = 28_800_000, LATE_MS = 120_000
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const ARGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']

const binary = process.env.JISHAN ?? ''
if (!existsSync(binary)) stopWith(`JISHAN names no program: "${binary}"`)
if (!existsSync(CHROMIUM)) stopWith(`there is no Chromium at ${CHROMIUM}`)
const files = readdirSync(new URL('flows/', import.meta.url)).filter((f) => f.endsWith('.mjs')).sort()
const wanted = process.argv.slice(2)
const flows = []
for (const file of files) {
  const name = file.replace(/^\d+-|\.mjs$/g, '')
  if (!wanted.length || wanted.includes(name)) flows.push({ name, ...(await import(`./flows/${file}`)) })
}
if (!flows.length) stopWith(`no flow is called ${wanted.join(', ')}`)

const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS })
const stages = new Set()
let failed = 0
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => { failed++; flows.length = 0; void takeDown().then(() => process.exit(1)) })

// The longest come first, so that no lane waits for the other at the end.
flows.sort((a, b) => (b.weight ?? 1) - (a.weight ?? 1))
const begun = Date.now()
await Promise.all(Array.from({ length: LANES }, lane))
await takeDown()
console.log(`${failed ? `${failed} failed` : 'all flows passed'} in ${((Date.now() - begun) / 1000).toFixed(1)} s`)
process.exit(failed ? 1 : 0)

async function lane() {
  for (let flow = flows.shift(); flow; flow = flows.shift()) await play(flow)
}
async function play(flow) {
  await sameDay()
  const stage = new Stage(flow.name, binary, browser)
  stages.add(stage)
  const start = Date.now()
  try {
    await within(FLOW_MS, flow.default(stage))
    if (stage.complaints.length) throw new Error(stage.complaints.join('; '))
    console.log(`ok ${flow.name} (${((Date.now() - start) / 1000).toFixed(1)} s)`)
  } catch (err) {
    failed++
    const pictures = await stage.pictures()
    const also = stage.complaints.filter((c) => !err.message.includes(c))
    const line = [err.message.split('\n').slice(0, 3).join(' '), ...also].join('; ')
    console.log(`FAIL ${flow.name}: ${line}${pictures.length ? `; pictures: ${pictures.join(' ')}` : ''}`)
  } finally {
    await stage.end()
    stages.delete(stage)
  }
}
async function sameDay() {
  const left = DAY_MS - ((Date.now() + CHINA_MS) % DAY_MS)
  if (left < LATE_MS) await new Promise((resolve) => setTimeout(resolve, left))
}
function within(ms, work) {
  let timer
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`not done within ${ms} ms`)), ms) })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
async function takeDown() {
  for (const stage of stages) await stage.end()
  await browser.close()
}
function stopWith(why) {
  console.error(why)
  process.exit(2)
}
