// One device of a flow: a real process of the program with a data folder of
// its own, on loopback ports it chose itself; or the program's own demo of
// three. It knows nothing of browsers. Start reading at startDevice.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const START_MS = 60_000 // a first start creates the folder and its database
const STOP_MS = 10_000 // what has not ended by then is ended
const LOG_KEPT = 4_000 // characters of standard error kept for a failure

// Refused is a call that the program answered with a fault.
export class Refused extends Error {
  constructor(name, status, fault) {
    super(`${name} was refused: ${status} ${JSON.stringify(fault)}`)
    this.code = fault?.code ?? ''
  }
}

// startDevice resolves once the program said where its screens are.
export async function startDevice(binary, label) {
  const data = mkdtempSync(join(tmpdir(), `jishan-e2e-${label}-`))
  const child = spawn(binary, ['serve', '--json', '--data', data, '--http', '127.0.0.1:0', '--p2p', '127.0.0.1:0', '--phone', '127.0.0.1:0', '--lan=off'],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TZ: 'Asia/Shanghai' } })
  const device = new Device(label, data, child)
  try {
    const where = await device.firstLine()
    device.where = where
    device.url = `http://${where.http}/`
    device.phone = `http://${where.phone}/`
    return device
  } catch (err) {
    await device.stop()
    throw err
  }
}

// startDemo is `jishan demo` as a visitor starts it; it resolves once the three
// devices are there. The demo ends them and removes their folders by itself.
export async function startDemo(binary) {
  const child = spawn(binary, ['demo', '--json'], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TZ: 'Asia/Shanghai' } })
  const demo = new Device('demo', '', child)
  try {
    demo.where = await demo.firstLine()
    return demo
  } catch (err) {
    await demo.stop()
    throw err
  }
}

class Device {
  constructor(label, data, child) {
    Object.assign(this, { label, data, child, log: '', over: false })
    this.ended = new Promise((resolve) => child.once('exit', (code, signal) => { this.over = true; resolve(`${code ?? signal}`) }))
    child.stderr.setEncoding('utf8').on('data', (text) => { this.log = (this.log + text).slice(-LOG_KEPT) })
  }

  firstLine() {
    return new Promise((resolve, reject) => {
      let text = ''
      const late = setTimeout(() => reject(new Error(`${this.label} did not say where it listens within ${START_MS} ms: ${this.log}`)), START_MS)
      this.child.once('error', reject)
      void this.ended.then((how) => { clearTimeout(late); reject(new Error(`${this.label} ended at once (${how}): ${this.log}`)) })
      this.child.stdout.setEncoding('utf8').on('data', (part) => {
        if (text.includes('\n')) return // only the first line says something
        text += part
        if (!text.includes('\n')) return
        clearTimeout(late)
        try { resolve(JSON.parse(text.split('\n')[0])) } catch (err) { reject(err) }
      })
    })
  }

  // enter gives the session of another browser, by the code that was printed.
  async enter() {
    return (await this.ask('open', { code: this.where.code })).session
  }

  // call asks the program as its screens do.
  async call(name, body = {}) {
    this.session ??= await this.enter()
    return this.ask(`call/${name}`, body)
  }

  async ask(name, body) {
    const answer = await fetch(`${this.url}api/${name}`, { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Jishan': this.session ?? 'none' }, body: JSON.stringify(body) })
    const text = await answer.text()
    let got
    try { got = JSON.parse(text || '{}') } catch { throw new Refused(name, answer.status, text) }
    if (!answer.ok) throw new Refused(name, answer.status, got)
    return got
  }

  // stop ends the process and removes its folder, where it has one of its own.
  async stop() {
    if (!this.over) {
      this.child.kill('SIGTERM')
      const late = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS)
      await this.ended
      clearTimeout(late)
    }
    if (this.data) rmSync(this.data, { recursive: true, force: true })
  }
}
