// A deduction from the desk to the phone: beside the person's points at once, on the
// phone as a notice that counts as told when it was opened and not before, appealed
// there while the station can't be reached, and on paper.
import { by, count, digits, enrol, founded, go, phoneNumber, residents, shown, text } from '../screens.mjs'
import { equal, until } from '../stage.mjs'

export default async function (stage) {
  const office = await founded(stage)
  const [who] = await enrol(office, residents(1))
  const book = await office.call('scheme.get', {})
  const item = { ...book.items[0], code: 'KF01', group: '扣分', sub: '', name: '占用消防通道', kind: 'deduct', points: 3, minutes: 0, dayCap: 0, witness: false, review: false, notice: 5, self: false }
  await office.call('scheme.save', { items: [...book.items, item] })
  const state = async () => (await office.call('claim.list', { person: who.id })).rows[0].state

  const phone = await stage.page(office.phone, { phone: true })
  await phone.locator(by('to-sign-in')).click()
  await phone.locator(by('phone-code')).fill(digits(who.code))
  await phone.locator(by('phone-tail')).fill(phoneNumber(1).slice(-4))
  await phone.locator(by('phone-sign-in')).click()
  await shown(phone, by('phone-spendable'), /^10$/)
  equal(await phone.locator(by('deductions-new')).count(), 0, 'notices before there is one')

  const desk = await stage.page(office.url)
  await office.call('claim.post', { people: [who.id], item: 'KF01', at: Date.now(), minutes: 0, count: 0, hard: 0, note: '电动车停在楼道口', witness: '', via: 'desk' })
  await go(desk, `/people?id=${who.id}`)
  await shown(desk, by('pending-row'), '等告知本人')
  await shown(desk, by('pending-sum'), '3')

  // The first page says that a notice is there, which tells nobody what it is.
  await phone.reload()
  await phone.locator(by('deductions-new')).waitFor()
  equal(await state(), 'tell', 'asked for is not shown')
  await stage.read(phone, 'a new notice')
  await phone.locator(by('deductions-new')).click()
  await shown(phone, by('deduction'), '占用消防通道')
  await until('the notice has reached the person', state, (s) => s === 'notice')
  await shown(desk, by('pending-row'), '还有 5 天可申诉')
  await stage.read(phone, 'the notice')

  // On paper: the notice, and the passbook with what waits.
  await desk.locator(by('pending-print')).click()
  const paper = await text(desk, by('paper'))
  equal(['占用消防通道', '3 分', '积分细则第', '怎么申诉', '收到人签名'].filter((w) => !paper.includes(w)), [], 'what the notice lacks')
  await stage.read(desk, 'the notice on paper')
  await desk.locator(by('paper-close')).click()
  await desk.locator(by('print-book')).click()
  await shown(desk, by('paper'), '待扣（还没有扣，期内可以申诉）')
  await shown(desk, by('paper'), '7 天内可以申诉')
  await desk.locator(by('paper-close')).click()

  // Appealed while the station is away, sent when it is back.
  await phone.context().setOffline(true)
  await phone.locator(by('appeal')).click()
  await phone.locator(by('appeal-text')).fill('那天我不在家')
  await phone.locator(by('appeal-send')).click()
  await shown(phone, by('deduction-left'), '还在手机里')
  equal(await state(), 'notice', 'before it is sent')
  await stage.read(phone, 'an appeal that waits')
  await phone.context().setOffline(false)
  await shown(phone, by('deduction-left'), '等社区答复')
  equal([await state(), (await office.call('claim.list', { person: who.id })).rows[0].appeal], ['appealed', '那天我不在家'], 'the appeal at the office')
  await shown(desk, by('pending-row'), '有申诉')
  await go(phone, '/book')
  await count(phone, by('pending-row'), 1)
  await stage.read(phone, 'the passbook')
}
