// A merchant reads on its first page what the community tells it: new ones are marked until
// they were opened, a resident's name is masked although the person agreed, and what is
// taken down is gone.
import { by, count, enrol, founded, joinByTicket, nameOf, phoneNumber, said, shown } from '../screens.mjs'
import { equal, holds } from '../stage.mjs'

export const weight = 3
export default async function (stage) {
  const [office, merchant] = await Promise.all([founded(stage), stage.device('merchant')])
  const name = nameOf(1)
  await enrol(office, [{ name, phone: phoneNumber(1) }])
  const desk = await stage.page(office.url)
  const till = await stage.page(merchant.url)
  await joinByTicket(desk, till, 'merchant', '平价超市')
  await till.locator(by('till-field')).waitFor()
  equal(await till.locator(by('till-notices')).count(), 0, 'a list of no notices')

  const write = async (whom, title, body) => {
    await desk.locator(by('nav-publicity')).click()
    await desk.locator(by('notice-write')).click()
    await desk.locator(`select${by('notice-grid')}, ${by('notice-grid')} select`).selectOption(whom)
    await desk.locator(by('notice-title')).fill(title)
    await desk.locator(by('notice-body')).fill(body)
    await desk.locator(by('notice-do')).click()
  }
  await write('', '表彰二月之星', `${name}陪伴独居老人 12 次。`)
  await desk.locator(by('names-keep')).click()
  await said(desk, '商户电脑上都能看到')
  await write('@merchants', '结算改到五号', '请各店核对。')
  await said(desk, '商户电脑上能看到')
  await shown(desk, by('notice-row'), /结算改到五号.*只给商户/s)
  await stage.read(desk, 'notices for merchants')

  await count(till, by('notice-new'), 2)
  await stage.read(till, 'new notices at the till')
  await till.locator(by('till-notice')).filter({ hasText: '二月之星' }).click()
  await shown(till, by('till-notice-text'), /陪伴独居老人/)
  holds(!(await till.locator('body').innerText()).includes(name), 'a merchant reads a name')
  await stage.read(till, 'a notice at the till')
  await till.keyboard.press('Escape')
  await till.locator(by('till-notice-dialog')).waitFor({ state: 'detached' })
  await count(till, by('notice-new'), 1)
  // What is typed next is a card again.
  await till.keyboard.type('123')
  equal(await till.locator(by('till-field')).inputValue(), '123', 'typed after a notice')
  await till.reload()
  await count(till, by('notice-new'), 1)
  await count(till, by('till-notice'), 2)

  const list = await merchant.call('publicity.shown', {})
  await office.call('publicity.withdraw', { id: list.notices.find((n) => n.title === '结算改到五号').id, reason: '改期' })
  await count(till, by('till-notice'), 1)
  await count(till, by('notice-new'), 0)
}
