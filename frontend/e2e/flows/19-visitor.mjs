// "What to try in ten minutes" of the README, played step by step on what
// `jishan demo` printed. Whoever changes one of the two changes the other.
import { readFileSync } from 'node:fs'
import { by, count, digits, go, said, scanPerson, shown, text, tile } from '../screens.mjs'
import { equal, holds, until } from '../stage.mjs'

const ROSTER = readFileSync(new URL('../../../docs/sample/roster.csv', import.meta.url), 'utf8')
const TAIL = '0001' // of the first row's phone number
const MINUTE = 60_000
const CHINA_MS = 8 * 60 * MINUTE

export const weight = 5
export default async function (stage) {
  const { where } = await stage.demo()
  equal([where.elder.points, where.elder.card.length], [95, 9], 'the elder of the demo')
  const [office, station, merchant] = await Promise.all([stage.page(where.office), stage.page(where.station), stage.page(where.merchant)])
  const card = await rosterAndCard(stage, office)
  await serviceAtTheStation(stage, station, office, where.elder)
  await redemption(stage, merchant, where.elder)
  await cablePulled(stage, merchant, office, where.elder)
  await activityAndPhone(stage, office, where.phone, card)
}

// 1. A roster of 20 rows, its mistakes, the way back; a card and a page on paper.
async function rosterAndCard(stage, page) {
  await page.locator(by('nav-people')).click()
  await page.locator(by('to-import')).click()
  await takeRoster(page)
  await page.locator(by('roster-undo')).click()
  await page.locator(by('roster-undo')).click()
  await page.locator(by('roster-undo')).waitFor({ state: 'detached' })
  await page.locator(by('nav-people')).click()
  await page.locator(by('to-import')).click()
  await takeRoster(page)
  await page.locator(by('roster-to-list')).click()
  await page.locator(by('people-filter')).fill('居民甲')
  await count(page, by('person-row'), 1)
  await page.locator(by('person-row')).click()
  const code = digits(await text(page, by('card-code')))
  await page.locator(by('print-card')).click()
  await shown(page, by('paper'), '居民甲')
  await stage.read(page, 'a card on paper')
  await page.locator(by('paper-close')).click()
  await page.locator(by('print-book')).click()
  await page.locator(by('paper')).waitFor()
  await stage.read(page, 'a passbook page on paper')
  await page.locator(by('paper-close')).click()
  return code
}
async function takeRoster(page) {
  await page.locator(by('roster-text')).fill(ROSTER)
  await page.locator(by('roster-check')).click()
  await shown(page, by('roster-good'), /^18$/)
  await shown(page, by('roster-bad'), /^2$/)
  await count(page, `${by('roster-rows')} tr.bad + tr.why .wrong`, 2)
  await page.locator(by('roster-import')).click()
  await page.locator(by('roster-done')).waitFor()
}

// 2. Service of an elder without a phone, 95 to 98. The office, which booked
// it, undoes it in two clicks, both lines stay.
async function serviceAtTheStation(stage, page, desk, elder) {
  await serve(page, elder)
  await stage.read(page, 'a service at the station')
  await asked(page, elder)
  await desk.locator(by('nav-people')).click()
  await desk.locator(by('people-filter')).fill(elder.card)
  await shown(desk, by('person-row'), '2-3-103')
  await desk.locator(by('person-row')).click()
  await shown(desk, by('spendable'), /^98$/)
  const award = desk.locator(`${by('line')}[data-kind=award]`)
  await award.hover()
  await award.locator(by('correct-line')).click()
  await desk.locator(by('correct-reason')).fill('记错了')
  await desk.locator(by('correct-do')).click()
  await shown(desk, by('spendable'), /^95$/)
  await count(desk, `${by('line')}[data-kind=undo]`, 1)
  await count(desk, `${by('line')}[data-kind=award].gone`, 1)
  await stage.read(desk, 'a wrong entry, undone')
}
// asked looks for the points as the elder would at the counter.
async function asked(page, elder) {
  await go(page, '/station')
  await page.locator(by('station-query')).click()
  await until('the office has booked it', async () => { await find(page, elder.card); return text(page, by('query-spendable')) }, (n) => n === '98')
}
async function serve(page, elder) {
  await go(page, '/station')
  await page.locator(by('station-deed')).click()
  await find(page, elder.card)
  await page.locator(by('deed-who')).waitFor()
  await page.locator(by('deed-item')).selectOption('HJ01')
  await page.locator(by('deed-do')).click()
  await said(page, /\+3/) // on its way: the office's computer books it
}
async function find(page, code) {
  await page.locator(by('person-pick')).fill(code)
  await page.locator(by('person-option')).first().click()
}

// 3. The card at the merchant's, goods, points from elsewhere, a receipt, and
// back in two clicks.
async function redemption(stage, page, elder) {
  await page.locator(by('nav-shop')).click()
  await scanPerson(page, elder.card)
  await tile(page, '毛巾').click()
  await tile(page, '毛巾').click()
  await shown(page, by('till-here'), /^14$/) // fetched without being asked
  await page.locator(by('redeem')).click()
  await page.locator(by('done')).waitFor()
  await page.locator(by('print-receipt')).click()
  await shown(page, by('paper'), '毛巾')
  await stage.read(page, 'the receipt')
  await page.locator(by('paper-close')).click()
  await page.locator(by('take-back')).click()
  await page.locator(by('yes')).click()
  await count(page, `${by('receipt')}.gone`, 1)
  await count(page, by('receipt-back'), 1)
  await stage.read(page, 'taken back')
}

// 4. Cut off, the merchant redeems what it holds and says why more is refused;
// connected again, everybody gets it.
async function cablePulled(stage, page, desk, elder) {
  await devices(page)
  await page.locator(by('pause')).click()
  await page.locator(by('paused')).waitFor()
  await page.locator(by('nav-shop')).click()
  await scanPerson(page, elder.card)
  await tile(page, '毛巾').click()
  await page.locator(by('redeem')).click()
  await page.locator(by('done')).waitFor()
  await scanPerson(page, elder.card)
  for (let n = 0; n < 3; n++) await tile(page, '毛巾').click()
  await page.locator(by('refused')).waitFor()
  await page.locator(by('pull')).click()
  await shown(page, by('refused'), '断网')
  await stage.read(page, 'refused while cut off')
  await page.keyboard.press('Escape')
  await devices(page)
  await page.locator(by('resume')).first().click()
  await page.locator(by('paused')).waitFor({ state: 'detached' })
  await said(page, /[1-9]\d* 条已同步/)
  await shown(page, `${by('device-row')}[data-online=true]`, '都收到了') // the office, through which the demo's three meet
  await desk.locator(by('nav-devices')).click()
  await count(desk, `${by('device-row')}[data-online=true]`, 2)
  await shown(desk, by('lacking'), '都收到了')
  await stage.read(desk, 'devices at the office')
  await stage.read(page, 'devices after the cable')
}

async function devices(page) {
  await page.locator(by('sync-pill')).click()
  await page.locator(by('open-devices')).click()
  await page.locator(by('device-row')).first().waitFor()
}

// 5. An activity that runs now; signed up and checked in on the phone page by
// the six digits on the office's screen; one more by roll call.
async function activityAndPhone(stage, page, phoneURL, card) {
  await page.locator(by('nav-activities')).click()
  await page.locator(by('publish')).click()
  await page.locator(by('activity-title')).fill('河岸巡查')
  const [day, clock] = new Date(Date.now() - 10 * MINUTE + CHINA_MS).toISOString().slice(0, 16).split('T')
  for (const [test, value] of [['activity-start', day], ['activity-start-clock', clock]]) {
    await page.locator(by(test)).fill(value)
    await page.locator(by(test)).press('Tab')
  }
  await page.locator(by('activity-save')).click()
  await shown(page, by('activity-name'), '河岸巡查')

  const phone = await stage.page(phoneURL, { phone: true })
  await phone.locator(by('to-sign-in')).click()
  await phone.locator(by('phone-code')).fill(card)
  await phone.locator(by('phone-tail')).fill(TAIL)
  await phone.locator(by('phone-sign-in')).click()
  await phone.locator(by('phone-activity')).filter({ hasText: '河岸巡查' }).click()
  await phone.locator(by('phone-up')).click()
  await phone.locator(by('phone-off')).waitFor()

  await page.locator(by('tab-signup')).click()
  await count(page, by('signed-row'), 1)
  await page.locator(by('person-pick')).fill('王大爷')
  await page.locator(by('person-option')).first().click()
  await count(page, by('signed-row'), 2)
  await page.locator(by('tab-checkin')).click()
  await page.locator(by('way-qr')).click()
  const short = await page.locator(by('code-short')).getAttribute('data-short')
  await phone.goto('about:blank')
  await phone.goto(`${phoneURL}#/`)
  await phone.locator(by('to-check-in')).click()
  await phone.locator(by('phone-in-code')).fill(short)
  await phone.locator(by('phone-in-do')).click()
  await shown(phone, by('phone-in'), '河岸巡查')
  await stage.read(phone, 'checked in on the phone')
  await page.locator(by('way-roll')).click()
  await count(page, `${by('attendee')}[data-in="1"]`, 1)
  await page.locator(by('check-in')).first().click()
  await count(page, `${by('attendee')}[data-in="1"]`, 2)
  holds(await page.locator(by('finish')).isEnabled(), 'the activity can be finished')
  await stage.read(page, 'roll call')
}
