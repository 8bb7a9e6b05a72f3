// Runs the flows against a real binary: JISHAN_BIN=build/bin/jishan npm run e2e
//   E2E_SHOTS=DIR keeps a picture of every step, E2E_ONLY=NAME stops after that flow.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { open, picture } from './browser.mjs'
import { start } from './device.mjs'
import { FLOWS } from './flows.mjs'

const binary = resolve(process.env.JISHAN_BIN || '../build/bin/jishan')
if (!existsSync(binary)) {
  console.error(`no program at ${binary}: build it first, or name it with JISHAN_BIN`)
  process.exit(2)
}
const world = { complaints: [], devices: {}, browser: null }
let failed = ''
try {
  world.devices.office = await start(binary, { phone: true })
  world.devices.station = await start(binary)
  world.browser = await open()
  for (const flow of FLOWS) {
    const from = Date.now()
    try {
      await flow(world)
      if (world.complaints.length) throw new Error(`the page complained: ${world.complaints.join('; ')}`)
      console.log(`ok   ${flow.name} ${Date.now() - from} ms`)
    } catch (e) {
      failed = flow.name
      console.log(`FAIL ${flow.name}: ${e.stack ?? e.message}`)
      if (world.office) await picture(world.office, `failed-${flow.name}-office`)
      if (world.station) await picture(world.station, `failed-${flow.name}-station`)
      for (const [name, d] of Object.entries(world.devices)) if (d.errors()) console.log(`--- ${name}\n${d.errors()}`)
      break
    }
    if (process.env.E2E_ONLY === flow.name) break
  }
} finally {
  await world.browser?.close()
  for (const d of Object.values(world.devices)) await d.stop()
}
process.exit(failed ? 1 : 0)
