// Scenario 10, a credit line on the screens: the band table, consent, assessment,
// the certificate on paper; the paper checked at a shop that is cut off and in the
// bank's page, opened from a file; consent withdrawn.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { by, count, founded, go, joinByTicket, phoneNumber, said, shown, withPoints } from '../screens.mjs'
import { equal, holds } from '../stage.mjs'

const NAME = '赵钱孙'
const LINE = '200,000 元'

export const weight = 3
export default async function (stage) {
  const [office, merchant] = await Promise.all([founded(stage), stage.device('merchant')])
  const [who] = await withPoints(office, [{ name: NAME, phone: phoneNumber(1), points: 90 }])
  const desk = await stage.page(office.url)
  const shop = await stage.page(merchant.url)
  await joinByTicket(desk, shop, 'merchant', '平价超市')
  await merchant.call('devices.pause', { on: true })

  await go(desk, '/points/credit')
  await desk.locator(by('bands-first')).click()
  await desk.locator(by('band-amount')).nth(1).fill('300001')
  await desk.locator(by('bands-save')).click()
  await shown(desk, `${by('bands-dialog')} ${by('fault')}`, '第 2 档的额度要在')
  await desk.locator(by('band-amount')).nth(1).fill('200000')
  await desk.locator(by('bands-save')).click()
  await count(desk, by('band'), 3)

  await desk.locator(by('credit-start')).click()
  await desk.locator(`${by('credit-pick')} ${by('person-pick')}`).fill('zqs')
  await desk.locator(by('person-option')).first().click()
  await shown(desk, by('credit-suggests'), LINE)
  holds(await desk.locator(by('consent-save')).isDisabled(), 'consent can be written down without the person')
  await desk.locator(by('consent-form')).click()
  await shown(desk, by('paper'), '积分授信同意书')
  await stage.read(desk, 'consent form')
  await desk.locator(by('paper-close')).click()
  await desk.locator(by('consent-present')).check()
  await desk.locator(by('consent-save')).click()
  await desk.locator(by('credit-assess')).click()
  await shown(desk, by('credit-amount'), LINE)
  await stage.read(desk, 'a line in force')
  await desk.locator(by('credit-print')).click()
  await shown(desk, by('paper'), LINE)
  await stage.read(desk, 'certificate')
  await desk.locator(by('paper-close')).click()
  await desk.locator(by('dialog-close')).click()
  await shown(desk, by('credit-sum'), LINE)

  const { lines: [line] } = await office.call('credit.person', { person: who.id })
  const { text } = await office.call('credit.certificate', { line: line.id })
  const seen = await merchant.call('credit.check', { text })
  equal(`${seen.state} ${seen.amount} ${seen.name}`, `force 200000 ${NAME}`, 'at a shop that is cut off')

  await bank(stage, desk, text, 'force')
  await desk.locator(by('credit-row')).first().click()
  await desk.locator(by('consent-off')).click()
  await desk.locator(by('yes')).click()
  await said(desk, /授信作废/)
  await shown(desk, `${by('credit-line')}[data-state=withdrawn]`, /已撤回同意/)
  await desk.locator(by('dialog-close')).click()
  await bank(stage, desk, text, 'withdrawn')
  await desk.locator(by('credit-check')).click()
  await desk.locator(by('check-text')).fill(text)
  await desk.keyboard.press('Enter')
  await desk.locator(`${by('check-result')}[data-state=withdrawn]`).waitFor()
  await stage.read(desk, 'withdrawn')
}

// bank saves the check page, opens it from a file and scans the paper there.
async function bank(stage, desk, text, state) {
  const file = join(mkdtempSync(join(tmpdir(), 'jishan-bank-')), 'check.html')
  const [download] = await Promise.all([desk.waitForEvent('download'), desk.locator(by('credit-page')).click()])
  await download.saveAs(file)
  const page = await desk.context().newPage()
  await page.goto(pathToFileURL(file).href)
  for (const [typed, want] of [[text, state], [text.slice(0, 5 + 3 * Math.floor((text.length - 14) / 3)), 'cut'], [text.replace(/.(?=.{80}$)/, (c) => (c === 'A' ? 'B' : 'A')), null]]) {
    await page.locator('#text').fill(typed)
    await page.keyboard.press('Enter')
    const got = await page.locator('section').getAttribute('data-state')
    holds(want ? got === want : ['forged', 'damaged', 'signer', 'foreign', 'cut'].includes(got), `the bank's page says ${got} instead of ${want ?? 'a refusal'}`)
  }
  await page.close()
}
