// Takes pictures of the screens with the pretended program, for looking at:
//   npm run shots -- OUT [names-matching]
import { mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { shortcomings } from '../e2e/senior.mjs'
import { photograph } from './camera.mjs'
import { PICTURES } from './list.mjs'

const out = process.argv[2] ?? join(tmpdir(), 'jishan-shots')
const only = new RegExp(process.argv[3] ?? '')
mkdirSync(out, { recursive: true })
const wanted = PICTURES.filter((x) => only.test(x.name))
const bad = await photograph(wanted, {
  scale: 2,
  async taken(p, page, png, failed) {
    writeFileSync(join(out, `${p.name}${failed ? '-failed' : ''}.png`), png)
    return p.senior && !failed ? shortcomings(page) : []
  },
})
console.log(`${wanted.length} pictures, ${bad} complaints, in ${out}`)
process.exit(bad ? 1 : 0)
