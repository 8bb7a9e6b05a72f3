// A resident proposes something on the phone; the office answers, and the answer is read on
// the phone; another one is noted at the desk.
import { by, count, digits, enrol, founded, go, phoneNumber, residents, said, shown } from '../screens.mjs'

export default async function (stage) {
  const office = await founded(stage)
  const people = await enrol(office, residents(2))
  const phone = await stage.page(office.phone, { phone: true })
  await phone.locator(by('to-sign-in')).click()
  await phone.locator(by('phone-code')).fill(digits((await office.call('people.get', { id: people[0].id })).code))
  await phone.locator(by('phone-tail')).fill(phoneNumber(1).slice(-4))
  await phone.locator(by('phone-sign-in')).click()
  await phone.locator(by('me')).waitFor()
  await phone.locator(by('tab-me')).click()
  await phone.locator(by('to-proposals')).click()
  await phone.locator(by('phone-proposal-text')).fill('社区长椅有些少，老人晒太阳不方便')
  await stage.read(phone, 'a proposal on the phone')
  await phone.locator(by('phone-proposal-send')).click()
  await count(phone, by('phone-proposal'), 1)

  const page = await stage.page(office.url)
  await go(page, '/publicity/proposals')
  await shown(page, by('proposal'), '长椅')
  await page.locator(by('proposal-reply')).click()
  await page.locator(by('reply-text')).fill('四月议事会上议')
  await stage.read(page, 'an answer')
  await page.locator(by('reply-do')).click()
  await said(page, /答复了/)
  await count(page, by('proposal'), 0)
  await page.locator(by('proposal-add')).click()
  await page.locator(`${by('proposal-dialog')} ${by('person-pick')}`).fill('居民乙')
  await page.locator(by('person-option')).first().click()
  await page.locator(by('proposal-text')).fill('路灯不亮')
  await page.locator(by('proposal-do')).click()
  await shown(page, by('proposal'), '居*乙')
  await stage.read(page, 'proposals')
  await phone.reload()
  await shown(phone, by('phone-proposal'), '四月议事会上议')
}
