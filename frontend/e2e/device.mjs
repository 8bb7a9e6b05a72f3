// One device: the real binary with a data folder of its own on loopback.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const START_MS = 30_000
const STOP_MS = 10_000

// start runs `jishan serve` and answers when it has printed its addresses.
export async function start(binary, { phone = false } = {}) {
  const data = mkdtempSync(join(tmpdir(), 'jishan-e2e-'))
  const args = ['serve', '--data', data, '--http', '127.0.0.1:0', '--p2p', '127.0.0.1:0', '--lan=off', '--phone', phone ? '127.0.0.1:0' : 'off', '--json']
  const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (b) => { errors = (errors + b).slice(-4000) })
  const lines = createInterface({ input: child.stdout })
  const first = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not started in ${START_MS} ms: ${errors}`)), START_MS)
    lines.once('line', (line) => { clearTimeout(timer); resolve(line) })
    child.once('exit', (code) => { clearTimeout(timer); reject(new Error(`exit ${code}: ${errors}`)) })
  }).catch((e) => { child.kill('SIGKILL'); rmSync(data, { recursive: true, force: true }); throw e })
  const said = JSON.parse(first)
  return {
    url: `http://${said.http}`,
    phone: said.phone ? `http://${said.phone}` : '',
    data,
    errors: () => errors,
    async stop() {
      if (child.exitCode === null) {
        const gone = new Promise((resolve) => child.once('exit', resolve))
        child.kill('SIGTERM')
        const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
        await gone
        clearTimeout(timer)
      }
      rmSync(data, { recursive: true, force: true })
    },
  }
}
