// Fills a data folder with the sample community: node build/sample.mjs PROGRAM DATA
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

const [program, data] = process.argv.slice(2)
const device = spawn(program, ['serve', '--json', '--data', data, '--http', '127.0.0.1:0', '--p2p', 'off', '--phone', 'off', '--lan=off'],
  { stdio: ['ignore', 'pipe', 'inherit'] })
const ended = new Promise((resolve) => device.on('exit', resolve))
const end = setTimeout(() => device.kill('SIGKILL'), 120_000)

let session = 'none'
async function ask(http, name, body = {}) {
  const answer = await fetch(`http://${http}/api/${name}`,
    { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Jishan': session }, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${name}: ${answer.status} ${await answer.text()}`)
  return answer.json()
}

let failed = 1
for await (const line of createInterface({ input: device.stdout })) {
  const { http, code } = JSON.parse(line)
  try {
    session = (await ask(http, 'open', { code })).session
    await ask(http, 'call/setup.sample')
    while ((await ask(http, 'call/app.state')).phase !== 'ready') await new Promise((r) => setTimeout(r, 100))
    failed = 0
  } catch (thrown) {
    console.error(String(thrown))
  }
  break
}
device.kill('SIGTERM')
const code = await ended
clearTimeout(end)
process.exit(failed || (code === 0 ? 0 : 1))
