// make screens: takes the pictures of docs/screens.md and writes the page.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { photograph } from './camera.mjs'
import { small } from './png.mjs'
import { SCREENS, markdown, pictureOf } from './screens.mjs'

const docs = new URL('../../docs/', import.meta.url).pathname
const out = join(docs, 'screens')
const only = new RegExp(process.argv[2] ?? '')
const names = SCREENS.flatMap(([, rows]) => rows.map(([name]) => name))
mkdirSync(out, { recursive: true })
for (const file of readdirSync(out)) if (!names.includes(file.replace(/\.png$/, ''))) rmSync(join(out, file))
let bytes = 0
const bad = await photograph(names.filter((n) => only.test(n)).map(pictureOf), {
  scale: 1.5,
  taken(p, page, png, failed) {
    if (failed) return
    const file = small(png)
    bytes += file.length
    writeFileSync(join(out, `${p.name}.png`), file)
  },
})
writeFileSync(join(docs, 'screens.md'), markdown())
console.log(`${names.length} screens, ${(bytes / 1e6).toFixed(1)} MB taken, ${bad} complaints, in docs/screens`)
process.exit(bad ? 1 : 0)
