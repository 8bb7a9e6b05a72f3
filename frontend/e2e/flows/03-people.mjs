// Register somebody by the screen, find them again by the first letters of
// pinyin and by the phone's last four digits, see card code and +10 once; a lost
// card is reported, refused at the till, and replaced.
import { readFile } from 'node:fs/promises'
import { by, count, digits, enrol, founded, go, residents, said, scanPerson, shown, text } from '../screens.mjs'
import { equal, holds } from '../stage.mjs'

const NAME = '张三丰'
const PHONE = '13900005678'
const QUIET_MS = 5000

export const weight = 2
export default async function (stage) {
  const office = await founded(stage)
  await enrol(office, residents(3))
  const page = await stage.page(`${office.url}#/people`)
  await count(page, by('person-row'), 3)
  await page.locator(by('register')).click()
  await page.locator(by('register-name')).click() // with real keys: the field must hold the focus
  await page.keyboard.insertText(NAME)
  await page.locator(by('register-phone')).click()
  await page.keyboard.type('1390000567')
  equal(await page.locator(by('register-phone')).inputValue(), '1390000567', 'what was typed into the phone field')
  await page.locator(by('register-do')).click()
  await shown(page, by('register-dialog'), '10') // ten digits, it says
  await stage.read(page, 'register')
  await page.locator(by('register-phone')).fill(PHONE)
  await page.locator(by('register-grid')).selectOption({ label: '和平里一' })
  await page.locator(by('register-address')).fill('2-3-102')
  await page.locator(by('register-do')).click()
  await page.locator(by('register-dialog')).waitFor({ state: 'detached' })
  await said(page, NAME)
  await page.locator(by('person-panel')).waitFor()
  const code = digits(await text(page, by('card-code')))
  equal(code.length, 9, 'digits of the card code')
  await shown(page, by('lifetime'), /^10$/)
  await count(page, by('line'), 1)
  await stage.read(page, 'person')
  const asked = []
  page.on('request', (r) => { if (r.url().includes('/call/')) asked.push(r.url().split('/call/')[1]) })
  await page.waitForTimeout(QUIET_MS) // nothing is waited for: an open panel must ask nothing by itself
  holds(asked.filter((name) => name === 'people.get').length <= 1, `an open panel asked in ${QUIET_MS} ms: ${asked.join(' ')}`) // 1: a chore's entry may just have come
  await page.locator(by('panel-close')).click()

  for (const q of ['zsf', 'zhangsanf', '5678', code, '张三']) {
    await page.locator(by('people-filter')).fill('')
    await count(page, by('person-row'), 4)
    await page.locator(by('people-filter')).fill(q)
    await count(page, by('person-row'), 1)
    await shown(page, by('person-row'), '2-3-102')
  }
  await page.locator(by('search')).fill('zsf') // the field above every page finds the same
  await page.locator(by('hit')).first().click()
  await page.locator(by('person-panel')).waitFor()

  await page.locator(by('register')).click() // the same person again is recognised, not doubled
  await page.locator(by('register-name')).fill(NAME)
  await page.locator(by('register-phone')).fill(PHONE)
  await page.locator(by('register-do')).click()
  await page.locator(by('register-dialog')).waitFor({ state: 'detached' })

  await page.locator(by('register')).click() // an elder without a phone, with a paper book
  await page.locator(by('register-name')).fill('王大爷8')
  await page.locator(by('register-brings')).check()
  await page.locator(by('register-spendable')).fill('95')
  await page.locator(by('register-lifetime')).fill('50')
  await page.locator(by('register-do')).click()
  await count(page, `${by('register-dialog')} .wrong`, 3) // a name has no digits; nothing to know him by; less earned than he can spend
  await stage.read(page, 'brings points')
  await page.locator(by('register-lifetime')).fill('')
  await page.locator(by('register-address')).fill('2-3-103')
  await page.locator(by('register-do')).click()
  await shown(page, by('register-dialog'), '数字')
  await page.locator(by('register-name')).fill('王大爷')
  await page.locator(by('register-do')).click()
  await page.locator(by('register-dialog')).waitFor({ state: 'detached' })
  await shown(page, by('spendable'), /^95$/)
  await shown(page, by('lifetime'), /^95$/)
  const list = await office.call('people.list', { q: '', grid: '', sort: 'name', desc: false, offset: 0, limit: 50 })
  equal(list.total, 5, 'people')
  holds(list.rows.some((r) => r.name === NAME && r.lifetime === 10), 'the +10 did not come once')

  await page.locator(by('block-card')).click() // the card is lost
  await page.locator(by('yes')).click()
  await page.locator(`${by('block-card')}:disabled`).waitFor()
  await stage.read(page, 'card reported lost')
  const lost = digits(await text(page, by('card-code')))
  await go(page, '/till')
  await page.locator(by('till-field')).fill(lost)
  await page.keyboard.press('Enter')
  await shown(page, by('till-person'), '作废') // the old card is refused in words
  holds(await page.locator(by('redeem')).isDisabled(), 'a card that was reported lost can redeem')
  await stage.read(page, 'lost card at the till')
  await page.keyboard.press('Escape')

  const elder = list.rows.find((r) => r.name === '王大爷')
  await go(page, `/people?id=${elder.id}`)
  await page.locator(by('new-card')).click()
  await page.locator(`${by('yes')}, ${by('new-card-do')}`).first().click()
  await shown(page, by('paper'), '王大爷')
  await stage.read(page, 'new card on paper')
  await page.locator(by('paper-close')).click()
  await page.locator(`${by('block-card')}:enabled`).waitFor()
  const fresh = digits(await text(page, by('card-code')))
  holds(fresh !== lost, `the new card has the code of the lost one: ${fresh}`)
  await go(page, '/till')
  await scanPerson(page, fresh)
  await shown(page, by('till-here'), /^95$/)
  equal((await office.call('till.scan', { text: fresh })).account.valid, 'ok', 'the new card')

  // Who asks to be forgotten is: name typed, gone from the list, the looks at him listed.
  await go(page, `/people?id=${elder.id}`)
  await page.locator('[data-value=data]').click()
  await page.locator(by('views-open')).click()
  await shown(page, by('view'), '王经办')
  await stage.read(page, 'who looked')
  await page.locator(by('dialog-close')).click()

  // Everything that is kept about him, in one file: his passbook, nobody else's name, and the log says so.
  const [saved] = await Promise.all([page.waitForEvent('download'), page.locator(by('export-person')).click()])
  holds(/王大爷.*\.html$/.test(saved.suggestedFilename()), `the file about a person is called ${saved.suggestedFilename()}`)
  await said(page, '已导出')
  const kept = await readFile(await saved.path(), 'utf8')
  holds(kept.includes('王大爷') && kept.includes('95') && kept.includes('王经办'), 'the file about a person says too little')
  for (const other of [...residents(3), { name: NAME }]) holds(!kept.includes(other.name), `the file about one person names ${other.name}`)
  await page.locator(by('views-open')).click()
  await shown(page, by('view'), '导出')
  await page.locator(by('dialog-close')).click()
  await page.locator(by('erase-open-dialog')).click()
  await shown(page, by('erase-open'), '95')
  await stage.read(page, 'before an erasure')
  await page.locator(by('erase-name')).fill('王大')
  holds(await page.locator(by('erase-do')).isDisabled(), 'half a name deletes a person')
  await page.locator(by('erase-name')).fill('王大爷')
  await page.locator(by('erase-do')).click()
  await said(page, '已删除')
  await page.locator(by('person-panel')).waitFor({ state: 'detached' })
  await page.locator(by('people-filter')).fill('')
  await count(page, by('person-row'), 4)
  equal((await office.call('app.search', { q: '王大爷' })).people.length, 0, 'people found by a deleted name')
}
