// Opens one Automerge file with the JavaScript Automerge and prints what it
// holds: {key: value}, bytes in hexadecimal, times in milliseconds.
//
//   node show.js FILE
import * as A from '@automerge/automerge'
import { readFileSync } from 'node:fs'

const doc = A.load(new Uint8Array(readFileSync(process.argv[2])))
const out = {}
for (const key of Object.keys(doc)) {
  const v = doc[key]
  out[key] = v instanceof Uint8Array ? Buffer.from(v).toString('hex') : v instanceof Date ? String(v.getTime()) : String(v)
}
process.stdout.write(JSON.stringify(out))
