import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { router } from '@/router'
import { of, read, small } from './png.mjs'
import { SCREENS, markdown, pictureOf } from './screens.mjs'

const FRONTEND = join(__dirname, '..')
const OUT = join(FRONTEND, '..', 'docs', 'screens')
const MOST_BYTES = 6_000_000
const names = SCREENS.flatMap(([, rows]) => rows.map(([name]) => name))
const pictures = names.map(pictureOf)

describe('docs/screens.md', () => {
  it('has a picture of every route', () => {
    const shown = pictures.filter((p) => !p.phone).map((p) => router.resolve(p.path).name)
    const routes = router.getRoutes().filter((r) => !r.redirect).map((r) => r.name)
    expect(routes.filter((r) => !shown.includes(r))).toEqual([])
  })
  it('has a picture of every tab that an address names', () => {
    const missing = []
    for (const [, path, name, file] of readFileSync(join(FRONTEND, 'src/router/index.ts'), 'utf8').matchAll(/path: '([^']*:tab[^']*)', name: '(\w+)', component: \(\) => import\('@\/([^']+)'\)/g)) {
      const tabs = [...(readFileSync(join(FRONTEND, 'src', file), 'utf8').match(/const TABS = \[([^\]]+)\]/)?.[1] ?? '').matchAll(/'(\w+)'/g)].map((m) => m[1])
      const shown = pictures.filter((p) => !p.phone).map((p) => router.resolve(p.path)).filter((r) => r.name === name).map((r) => r.params.tab || tabs[0])
      missing.push(...tabs.filter((x) => !shown.includes(x)).map((x) => path.replace(/:tab.*/, x)))
    }
    expect(missing).toEqual([])
  })
  it('has a picture of every phone page', () => {
    const shown = pictures.filter((p) => p.phone).map((p) => p.path.split('/')[1])
    const pages = [...readFileSync(join(FRONTEND, 'src/phone/PhoneApp.vue'), 'utf8').matchAll(/<(\w+) v-(?:else-)?if="(first === [^"]+)"/g)].map(([, page, when]) => [page, [...when.matchAll(/'(\w+)'/g)].map((m) => m[1])])
    expect(pages.length).toBeGreaterThan(10)
    expect(pages.filter(([, firsts]) => !firsts.some((f) => shown.includes(f))).map(([page]) => page)).toEqual([])
    expect(shown).toContain('')
  })
  it('says what the list says, and each picture is there, small, and in use', () => {
    expect(new Set(names).size).toBe(names.length)
    expect(readFileSync(join(OUT, '..', 'screens.md'), 'utf8')).toBe(markdown())
    expect(readdirSync(OUT).sort()).toEqual(names.map((n) => `${n}.png`).sort())
    const files = names.map((n) => readFileSync(join(OUT, `${n}.png`)))
    expect(files.filter((f) => !of(f).palette)).toEqual([])
    expect(files.reduce((sum, f) => sum + f.length, 0)).toBeLessThan(MOST_BYTES)
    for (const p of pictures) if (!p.phone && !p.size) expect([p.name, of(readFileSync(join(OUT, `${p.name}.png`)))]).toEqual([p.name, { width: 1280, height: 800, palette: true }])
  })
})

describe('small', () => {
  it('refuses what is no picture of Chromium', () => {
    expect(() => read(Buffer.from('GIF89a, and more than eight'))).toThrow('no PNG')
    expect(() => small(readFileSync(join(OUT, `${names[0]}.png`)))).toThrow('another kind')
  })
})
