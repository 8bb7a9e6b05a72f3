// Scenario 12 on the screens: a rulebook of 7 groups and 62 items with all its errors
// at once, one of 5, 25 and 38 from the Excel that the program wrote; +2 and +3 for
// all families of a stairwell; -3 that reaches its person first, is appealed and
// answered by somebody else; a new version that leaves old entries alone; a
// correction as an opposite entry; the list, off until somebody switches it on. That
// a deduction counts when its days are over is in app/node/scenario12_test.go: a
// browser can't wait for three days.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { by, count, enrol, founded, go, phoneNumber, said, shown, text } from '../screens.mjs'
import { equal, holds, until } from '../stage.mjs'

const ENTERED = '报名参与文明楼道评比'
const WON = '所在楼道被评为文明楼道'
const MINUS = '小区毁绿种菜、饲养家禽'
const FAMILIES = 10

// sheet is a rulebook as somebody copies it out of a table.
function sheet(sizes, bad = {}) {
  const special = [[ENTERED, '+2'], [WON, '+3'], [MINUS, '-3']]
  const lines = ['大类\t小项\t分值']
  let n = 0
  for (const [g, size] of sizes.entries()) {
    for (let i = 0; i < size; i++) {
      const [name, points] = special[n] ?? [`事项${n + 1}`, String(1 + (n % 5))]
      n++
      lines.push(`${i ? '' : `第${g + 1}类`}\t${name}\t${bad[n] ?? points}`)
    }
  }
  return lines.join('\n')
}

// threeLevels is a rulebook of 5, 25 and 38.
function threeLevels() {
  const lines = ['一级指标\t二级指标\t具体项目\t分值']
  let n = 0
  for (let a = 0; a < 5; a++) {
    for (let b = 0; b < 5; b++) {
      for (let c = 0; c < (a * 5 + b < 13 ? 2 : 1); c++) lines.push(`指标${a + 1}\t指标${a + 1}.${b + 1}\t要求${++n}\t${1 + (n % 4)}`)
    }
  }
  return { text: lines.join('\n'), items: n }
}

export const weight = 3
export default async function (stage) {
  const office = await founded(stage)
  const homes = Array.from({ length: FAMILIES }, (_, n) => ({ name: `住户${'一二三四五六七八九十'[n]}`, phone: phoneNumber(n + 1), address: `2-3-${n + 1}01` }))
  const people = await enrol(office, [...homes, { name: '邻居甲', phone: phoneNumber(40), address: '2-30-101' }])
  const desk = await stage.page(office.url)

  await go(desk, '/points/import')
  await read(desk, sheet([9, 9, 9, 9, 9, 9, 8], { 4: '三分', 40: '' }))
  await shown(desk, by('scheme-good'), '60')
  await shown(desk, by('scheme-bad'), '2')
  await count(desk, by('scheme-read-row'), 2) // with what is wrong with each
  await stage.read(desk, 'errors of all rows at once')
  equal(await desk.locator(by('scheme-next')).count(), 0, 'what has errors can be saved')
  await read(desk, sheet([9, 9, 9, 9, 9, 9, 8]))
  await shown(desk, by('scheme-groups'), '7')
  await shown(desk, by('scheme-good'), '62')
  await save(desk, '居民提的')
  const two = await office.call('scheme.get', {})
  equal([two.version, two.items.length], [2, 62], 'the rulebook')

  // +2 and +3 for all families, each once.
  await go(desk, '/points/claims')
  for (const item of [ENTERED, WON]) {
    await stairwell(desk, two, item)
    await said(desk, new RegExp(`${FAMILIES} 户已登记`))
  }
  await stairwell(desk, two, ENTERED)
  await said(desk, new RegExp(`${FAMILIES} 户今天已经记过`))
  await until('every family has its points', async () => (await years(office, people)).join() === [...homes.map(() => 15), 10].join()) // 10 for the registration
  await stage.read(desk, 'a stairwell')

  // -3: nothing is taken before the person was told and had time to appeal.
  await deduct(desk, office, two, people[1].id)
  const row = `${by('claim-row')}[data-state=tell]`
  await go(desk, '/points/claims')
  await desk.locator(`${row} ${by('claim-tell')}`).click()
  await desk.locator(by('told-call')).click()
  await said(desk, /申诉期从现在算/)
  await desk.locator(`${by('claim-box')} [data-value=notice]`).click()
  await shown(desk, `${by('claim-row')}[data-state=notice]`, '已告知，可申诉')
  await shown(desk, `${by('claim-row')}[data-state=notice]`, /到 /) // the main device has begun to count
  await stage.read(desk, 'told')
  await desk.locator(by('claim-appeal')).click()
  await desk.locator(by('claim-why')).fill('那块地是物业让种的')
  await desk.locator(by('claim-why-do')).click()
  await said(desk, /已记下申诉/)
  await desk.locator(`${by('claim-box')} [data-value=todo]`).click()
  await shown(desk, `${by('claim-row')}[data-state=appealed]`, '您登记的，要换别的经办人来办')
  equal(await desk.locator(by('claim-right')).count(), 0, 'who entered it answers')
  const [open] = (await office.call('claim.list', { person: people[1].id })).rows
  await refused(office, 'claim.answer', { id: open.id, yes: true, why: '物业确认' }, 'claim.own')
  await office.call('app.operator', { name: '负责人乙' })
  await desk.reload()
  await desk.locator(by('claim-right')).click()
  await desk.locator(by('claim-why')).fill('物业确认')
  await desk.locator(by('claim-why-do')).click()
  await said(desk, /已答复/)
  await desk.locator(`${by('claim-box')} [data-value=done]`).click()
  await shown(desk, `${by('claim-row')}[data-state=dropped]`, '申诉成立，不算')
  await stage.read(desk, 'the appeal was right')
  equal((await years(office, people))[1], 15, 'points after an appeal that was right')

  // The list is off, and shows nothing before it counts.
  await desk.locator(by('lists-open')).click()
  await shown(desk, by('lists-dialog'), '红黄榜没有打开')
  await desk.locator(by('lists-on')).click()
  await desk.locator(by('yes')).click()
  await count(desk, by('list-red'), FAMILIES + 1)
  equal(await desk.locator(by('list-yellow')).count(), 0, 'deductions that do not count')
  await stage.read(desk, 'lists')
  await desk.locator(by('dialog-close')).click()

  // A new version; what was booked stays as it was.
  await desk.locator(by('nav-home')).click()
  await desk.locator(by('todo')).waitFor() // else what is clicked next may be the page that is left
  await desk.locator(by('nav-points')).click()
  await desk.locator(by('scheme-edit')).click()
  await desk.locator(by('scheme-row')).filter({ hasText: ENTERED }).click()
  await desk.locator(by('item-points')).fill('2.5')
  await shown(desk, by('scheme-panel'), '要填整数')
  equal(await desk.locator(by('scheme-save')).isDisabled(), true, 'half a point can be saved')
  await desk.locator(by('item-points')).fill('9')
  await desk.goBack()
  await shown(desk, by('question'), '要丢掉吗')
  await desk.locator(by('no')).click()
  equal(await desk.locator(by('item-points')).inputValue(), '9', 'a draft that was kept')
  await desk.locator(by('scheme-save')).click()
  await desk.locator(by('scheme-why')).fill('议事会商定')
  await desk.locator(by('scheme-sure')).click()
  await shown(desk, by('scheme-version'), '3')
  const old = (await awards(office, people[0].id)).find((l) => l.item === code(two, ENTERED))
  equal([old.amount, old.version], [2, 2], 'an old entry')

  // A correction is an opposite entry: the first one stays.
  const before = (await awards(office, people[2].id)).length
  await go(desk, `/people?id=${people[2].id}`)
  const line = desk.locator(`${by('line')}[data-kind=award]`).filter({ hasText: WON }).first()
  await line.hover()
  await line.locator(by('correct-line')).click()
  await desk.locator(by('correct-reason')).fill('记错了楼道')
  await desk.locator(by('correct-do')).click()
  await until('the opposite entry', async () => (await lines(office, people[2].id)).some((l) => l.kind === 'undo'))
  equal((await awards(office, people[2].id)).length, before, 'awards after a correction')
  await stage.read(desk, 'a correction')

  // 5, 25 and 38, through the program's own Excel.
  const three = threeLevels()
  equal(three.items, 38, 'items of three levels')
  await go(desk, '/points/import')
  await read(desk, three.text)
  await shown(desk, by('scheme-groups'), '5')
  await shown(desk, by('scheme-subs'), '25')
  await save(desk, '镇里发的')
  const [file] = await Promise.all([desk.waitForEvent('download'), desk.locator(by('scheme-export')).click()])
  const path = join(mkdtempSync(join(tmpdir(), 'jishan-e2e-rulebook-')), 'scheme.xlsx')
  await file.saveAs(path)
  await go(desk, '/points/import')
  await desk.locator(by('scheme-file')).setInputFiles(path)
  for (const [place, n] of [['scheme-groups', '5'], ['scheme-subs', '25'], ['scheme-good', '38'], ['scheme-bad', '0']]) await shown(desk, by(place), n)
  await stage.read(desk, 'three levels from Excel')
  holds((await text(desk, by('scheme-groups'))) === '5', 'the groups')

  // A ready-made one: seen first, saved as the community's own.
  await desk.locator(by('scheme-again')).click()
  await desk.locator(by('ready-taiyuan')).click()
  for (const [place, n] of [['scheme-groups', '4'], ['scheme-good', '12'], ['scheme-bad', '0']]) await shown(desk, by(place), n)
  await stage.read(desk, 'a ready-made rulebook')
  await save(desk, '照太原的做法')
  const own = await until('the ready-made rulebook', () => office.call('scheme.get', {}), (s) => s.items.length === 12)
  equal(own.source, 'taiyuan', 'where it came from')
  equal(own.items.find((i) => i.name === '社区公益课授课').points, 5, 'points of a class')
}

async function read(page, rows) {
  await page.locator(by('scheme-text')).fill(rows)
  await page.locator(by('scheme-check')).click()
}

async function save(page, why) {
  await page.locator(by('scheme-next')).click()
  await page.locator(by('scheme-why')).fill(why)
  await page.locator(by('scheme-sure')).click()
  await said(page, /版/)
}

const code = (scheme, name) => scheme.items.find((i) => i.name === name).code

async function stairwell(page, scheme, item) {
  await page.locator(by('stairwell-open')).click()
  await page.locator(by('stairwell-item')).selectOption(code(scheme, item))
  await page.locator(by('stairwell-address')).fill('2-3')
  await page.locator(by('stairwell-find')).click()
  await count(page, by('stairwell-family'), FAMILIES)
  await page.locator(by('stairwell-do')).click()
}

async function deduct(page, office, scheme, person) {
  await go(page, `/people?id=${person}`)
  await page.locator(by('deduct')).click()
  await page.locator(by('deduct-item')).selectOption(code(scheme, MINUS))
  await page.locator(by('deduct-do')).click()
  await said(page, /3 天内可以申诉/)
  equal((await office.call('people.get', { id: person })).year, 15, 'points before anybody was told')
}

const lines = async (office, id) => (await office.call('people.passbook', { id, offset: 0, limit: 50 })).lines
const awards = async (office, id) => (await lines(office, id)).filter((l) => l.kind === 'award')
const years = (office, people) => Promise.all(people.map(async (p) => (await office.call('people.get', { id: p.id })).year))

async function refused(office, call, params, want) {
  const got = await office.call(call, params).then(() => '', (err) => err.code)
  equal(got, want, `${call} by who entered it`)
}
