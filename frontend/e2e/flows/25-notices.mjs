// A notice typed once at the office: a resident's name is masked, its poster lies ready,
// the phone shows it as new, the wall shows it while the desk is locked; a meeting
// becomes a notice; what is taken down is gone from the phone.
import { by, count, enrol, founded, go, nameOf, phoneNumber, said, shown } from '../screens.mjs'
import { equal, holds, until } from '../stage.mjs'

export default async function (stage) {
  const office = await founded(stage)
  const name = nameOf(1)
  await enrol(office, [{ name, phone: phoneNumber(1) }])
  const desk = await stage.page(office.url)
  await desk.locator(by('nav-publicity')).click()
  await desk.locator(by('notice-write')).click()
  await desk.locator(by('notice-title')).fill('表彰二月之星')
  await desk.locator(by('notice-body')).fill(`${name}陪伴独居老人 12 次。`)
  await desk.locator(by('notice-do')).click()
  await desk.locator(by('names')).waitFor()
  await stage.read(desk, 'a resident is named')
  await desk.locator(by('names-mask')).click()
  await said(desk, '贴出去了')
  await shown(desk, by('notice'), /居\*甲陪伴独居老人/)
  await stage.read(desk, 'notices')
  await desk.locator(by('notice-print')).click()
  await shown(desk, '.board', /表彰二月之星/)
  await desk.goBack()
  await desk.locator(by('paper')).waitFor({ state: 'detached' })
  await desk.locator(by('notice')).waitFor()

  await desk.locator(by('tab-council')).click()
  await desk.locator(by('minutes-enter')).click()
  await desk.locator(by('minutes-title')).fill('三月议事会')
  // Esc and Back ask before this is lost; Back takes away what lies over the page, not the page.
  await desk.keyboard.press('Escape')
  await shown(desk, by('question'), '要丢掉吗')
  await desk.locator(by('no')).click()
  await desk.goBack()
  await shown(desk, by('question'), '要丢掉吗')
  await desk.locator(by('no')).click()
  await desk.locator(by('question')).waitFor({ state: 'detached' })
  equal(await desk.locator(by('minutes-title')).inputValue(), '三月议事会', 'what was typed')
  holds(desk.url().endsWith('/publicity/council'), 'Back left the page')
  await desk.locator(by('minutes-others')).fill('5')
  await desk.locator(by('matter-title')).fill('添长椅')
  await desk.locator(by('matter-decision')).fill('添六条')
  await desk.locator(by('matter-for')).fill('5')
  await desk.locator(by('minutes-do')).click()
  await shown(desk, by('meeting-matter'), /添六条/)
  await stage.read(desk, 'council')
  await desk.locator(by('meeting-post')).click()
  await desk.locator(by('notice-do')).click()
  await shown(desk, by('notice'), /添长椅：添六条（赞成 5/)

  const phone = await stage.page(office.phone, { phone: true })
  await count(phone, by('phone-notice'), 2)
  await count(phone, by('phone-new'), 2)
  await phone.locator(by('phone-notice')).filter({ hasText: '二月之星' }).click()
  await shown(phone, by('phone-notice-text'), /居\*甲/)
  await stage.read(phone, 'a notice on the phone')
  await phone.goBack()
  await count(phone, by('phone-new'), 1)

  await go(desk, '/publicity')
  await desk.locator(by('to-wall')).click()
  await desk.locator(by('wall')).waitFor()
  const wall = await office.call('wall.get', {})
  equal(wall.notices.length, 2, 'notices on the wall')
  await desk.keyboard.press('F9')
  await shown(desk, by('wall-notice'), /二月之星|议事会/)
  await stage.read(desk, 'wall')

  const star = wall.notices.find((n) => n.title === '表彰二月之星')
  await office.call('publicity.withdraw', { id: star.id, reason: '写错了' })
  await until('it is gone from the wall', () => office.call('wall.get', {}), (w) => w.notices.length === 1)
  await phone.reload()
  await count(phone, by('phone-notice'), 1)

  const fresh = await stage.page(office.url)
  // Sixty short lines, or as many characters as a notice takes, are one sheet of A4.
  for (const [title, body] of [['六十行', Array.from({ length: 60 }, (_, n) => `第 ${n + 1} 户，已整改`).join('\n')], ['一千二百字', '善'.repeat(1200)]]) {
    await office.call('publicity.post', { kind: 'publicity', title, body, contact: '社区办公室', grid: '', from: Date.now() - 1000, until: Date.now() + 86_400_000, about: '', names: '' })
    await go(fresh, '/home')
    await go(fresh, '/publicity')
    await fresh.locator(by('notice-row')).filter({ hasText: title }).click()
    await fresh.locator(by('notice-print')).click()
    await shown(fresh, '.board h1', title)
    await until('it fits one sheet', () => fresh.locator('.board').evaluate((b) => b.offsetHeight / b.offsetWidth), (ratio) => ratio < 297 / 210 + 0.01)
    await fresh.locator(by('paper-close')).click()
  }
}
