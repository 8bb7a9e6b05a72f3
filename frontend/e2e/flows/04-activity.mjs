// Publish an activity with 13 places, paste 15 sign-ups (two wait), move one
// up after somebody leaves, roll call and paper sheet, finish and award: the
// points stand in the passbook. Of a second activity: who would get nothing is
// named before the award, and is given time before and after it.
import { by, count, enrol, founded, go, nameOf, residents, said, shown, text } from '../screens.mjs'
import { equal, holds, until } from '../stage.mjs'

const HOUR = 3_600_000
// stamp writes a time as the field shows it, in the browsers' time zone.
const stamp = (at) => new Date(at + 8 * HOUR).toISOString().slice(0, 16).replace('T', ' ')

export const weight = 3
export default async function (stage) {
  const office = await founded(stage)
  const people = await enrol(office, residents(16))
  const page = await stage.page(`${office.url}#/activities`)
  await page.locator(by('publish')).click()
  await page.locator(by('activity-title')).fill('楼道大清扫')
  await page.locator(by('activity-places')).fill('13')
  const start = Math.floor((Date.now() - 2 * HOUR) / 60_000) * 60_000
  await date(page, 'activity-start', stamp(start))
  await date(page, 'activity-end', stamp(start + 2 * HOUR))
  await page.locator(by('activity-item')).selectOption({ label: '环境卫生整治' })
  const clock = page.locator(by('activity-end-clock'))
  await clock.fill('25:99')
  await clock.press('Tab')
  await shown(page, by('activity-form'), '没有这个时间')
  holds(await page.locator(by('activity-save')).isDisabled(), 'what is no time can be published')
  await date(page, 'activity-end', stamp(start + 2 * HOUR))
  await stage.read(page, 'publish')
  await page.locator(by('activity-save')).click()
  await page.locator(by('yes')).click() // it is over already: asked first
  await shown(page, by('activity-name'), '楼道大清扫')
  const id = page.url().match(/activities\/([^/]+)/)[1]
  const made = await office.call('activity.get', { id })
  equal([made.places, made.start, made.end, made.points, made.minutes], [13, start, start + 2 * HOUR, 3, 60], 'what was published')

  await page.locator(by('tab-signup')).click()
  await page.locator(by('paste-list')).click()
  await page.locator(by('paste-text')).fill(['#接龙 楼道大清扫', ...Array.from({ length: 15 }, (_, n) => `${n + 1}. ${nameOf(n + 1)}`), '16. 没有这人'].join('\n'))
  await page.locator(by('paste-check')).click()
  await shown(page, by('paste-dialog'), '没有这人')
  await stage.read(page, 'paste sign-ups')
  await page.locator(by('paste-apply')).click()
  await count(page, by('signed-row'), 13)
  await count(page, by('waiting-row'), 2)
  await page.locator(by('person-pick')).fill(nameOf(16))
  await page.locator(by('person-option')).click()
  await count(page, by('waiting-row'), 3)
  await page.locator(by('sign-off')).nth(12).click()
  await shown(page, by('question'), '候补') // who moves up is named before anything happens
  await page.locator(by('yes')).click()
  await until('the next has the place', () => office.call('activity.get', { id }), (a) => a.confirmed === 13 && a.waiting === 2)
  await count(page, by('waiting-row'), 2)
  await shown(page, by('signed'), '13')
  await stage.read(page, 'sign-ups')

  await page.locator(by('tab-checkin')).click()
  await page.locator(by('way-roll')).click()
  for (let n = 1; n <= 3; n++) {
    await page.locator(by('check-in')).first().click()
    await count(page, `${by('attendee')}[data-in="1"]`, n)
  }
  await stage.read(page, 'roll call')
  await page.locator(by('way-after')).click() // the rest came by the paper sheet
  await page.locator(by('after-all')).check()
  await page.locator(by('after-do')).click()
  await said(page, '10')
  await page.locator(by('way-roll')).click()
  await count(page, `${by('attendee')}[data-in="1"]`, 13)

  await page.locator(by('finish')).click()
  await shown(page, by('finish-sum'), '78') // 13 people, two hours, 3 an hour
  await count(page, by('finish-nothing'), 0)
  await page.locator(by('finish-do')).click()
  await page.locator(by('sum-points')).waitFor()
  await shown(page, by('sum-people'), /^13$/)
  await shown(page, by('sum-points'), /^78 分$/)
  await page.locator(`${by('activity-state')}[data-state=awarded]`).waitFor()
  await stage.read(page, 'summary')

  const first = made && people[0]
  await go(page, `/people?id=${first.id}`)
  await page.locator(`${by('line')}[data-kind=award]`).filter({ hasText: '楼道大清扫' }).or(page.locator(by('line')).filter({ hasText: '环境卫生整治' })).first().waitFor()
  await shown(page, by('lifetime'), /^16$/)
  holds((await text(page, by('spendable'))) === '16', 'the award cannot be spent')
  await stage.read(page, 'passbook')
  await nobodyGetsNothingInSilence(stage, office, page, people)
}

// Three are there for a moment when the activity is finished an hour early: one
// ticked on the list, two scanned.
async function nobodyGetsNothingInSilence(stage, office, page, people) {
  const [ticked, before, after] = people
  const { id } = await office.call('activity.publish', { title: '河岸巡查', type: '环境', start: Date.now() - HOUR, end: Date.now() + HOUR, place: '东门', places: 3, item: 'HJ01', organiser: '王经办', note: '' })
  await office.call('activity.signUp', { id, people: [ticked, before, after].map((p) => p.id) })
  for (const [who, how] of [[ticked, 'roll'], [before, 'card'], [after, 'card']]) await office.call('activity.checkIn', { id, person: who.id, how, out: false })
  await go(page, `/activities/${id}/checkin`)
  await shown(page, by('signed-count'), '候补') // full, and still somebody may wait
  await page.locator(by('finish')).click()
  await shown(page, by('finish-nothing'), '2 人没有分')
  await count(page, by('time-why'), 2)
  await shown(page, by('finish-sum'), '一共 6 分')
  await stage.read(page, 'finish with some who get nothing')
  await page.locator(by('time-minutes')).first().fill('60')
  await shown(page, by('finish-nothing'), '1 人没有分')
  await shown(page, by('finish-do'), '9 分')
  await page.locator(by('finish-do')).click()
  await said(page, '1 人没有分')
  await shown(page, by('without'), '1 人没有分')
  await shown(page, by('why'), '只算 0 分钟')
  equal((await page.locator(by('sum-row')).allInnerTexts()).join().includes('在现场'), false, 'somebody is still there')
  await stage.read(page, 'summary with one without points')
  await page.locator(by('give-time')).click()
  await page.locator(by('time-minutes')).fill('9999')
  holds(await page.locator(by('time-do')).isDisabled(), 'a week of service passes')
  await page.locator(by('time-minutes')).fill('61')
  await shown(page, by('time-row'), '3 分')
  await stage.read(page, 'time given afterwards')
  await page.locator(by('time-do')).click()
  await count(page, by('without'), 0)
  await shown(page, by('sum-points'), /^12 分$/)
  const done = await office.call('activity.get', { id })
  equal(done.attendees.map((p) => [p.points, p.awarded]).sort().join(), '3,booked,3,booked,6,booked', 'what everybody got')
}

async function date(page, test, value) {
  const [day, clock] = value.split(' ')
  for (const [field, text] of [[test, day], [`${test}-clock`, clock]]) {
    const input = page.locator(by(field))
    await input.fill(text)
    await input.press('Tab')
    equal(await input.inputValue(), text, field)
  }
}
