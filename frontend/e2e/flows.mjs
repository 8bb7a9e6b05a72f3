// What a visitor does in the first ten minutes, against the real program.
import { equal, newPage, pick, picture, t, text, until } from './browser.mjs'

const PEOPLE = 20
export const nameOf = (n) => `居民${'甲乙丙丁戊己庚辛壬癸'[n % 10]}${'一二'[Math.floor(n / 10)]}`
const phoneOf = (n) => `1390000${String(1000 + n)}`

export async function create(world) {
  const page = await newPage(world.browser, world.complaints)
  world.office = page
  await page.goto(world.devices.office.url)
  await picture(page, 'first')
  await page.click(t('first-create'))
  await page.fill(t('create-community'), '滨河社区')
  await page.fill(t('create-parent'), '河东街道')
  await page.fill(t('create-office'), '1 号电脑')
  await page.fill(t('create-operator'), '经办甲')
  await page.fill(t('create-grids'), '和平里一\n和平里二')
  await page.click(t('create-do'))
  const key = await page.locator(t('recovery-key')).getAttribute('data-key')
  await page.click(t('print-key'))
  await page.locator(t('paper')).waitFor()
  await page.click(t('paper-close'))
  await page.fill(t('key-typed'), 'WRONG KEY')
  await page.click(t('key-check'))
  await until('a wrong key is not taken', async () => (await page.locator('.wrong, [data-test=fault]').count()) > 0)
  await page.fill(t('key-typed'), key.toLowerCase())
  await page.click(t('key-check'))
  await page.click(t('to-roster'))
}

export async function roster(world) {
  const page = world.office
  const rows = Array.from({ length: PEOPLE }, (_, n) => [nameOf(n), phoneOf(n), '和平里一', `2-3-${101 + n}`, n === 0 ? '95' : '20'].join('\t'))
  const broken = ['居民错', '1390', '和平里一', '1-1-1', '十分'].join('\t')
  await page.fill(t('roster-text'), ['姓名\t手机号\t网格\t住址\t可用积分', ...rows, broken].join('\n'))
  await page.click(t('roster-check'))
  equal('rows that can be imported', await text(page, 'roster-good'), String(PEOPLE))
  equal('rows with errors', await text(page, 'roster-bad'), '1')
  await picture(page, 'roster')
  await page.click(t('roster-import'))
  await page.locator(t('roster-done')).waitFor()
  await page.click(t('roster-to-list'))
  await until('20 people are listed', async () => (await page.locator(t('person-row')).count()) === PEOPLE)
}

export async function register(world) {
  const page = world.office
  await page.click(t('register'))
  await page.fill(t('register-name'), '新人子')
  await page.fill(t('register-phone'), '13900002000')
  await page.locator(t('register-grid')).selectOption({ index: 1 })
  await page.fill(t('register-address'), '1-1-101')
  await page.click(t('register-do'))
  await page.locator(t('person-panel')).waitFor()
  equal('lifetime after registering', await text(page, 'lifetime'), '10')
  world.newCard = (await text(page, 'card-code')).replace(/\D/g, '')
  await picture(page, 'registered')
}

// An elder with 95 points earns 3 and has 98.
export async function earn(world) {
  const page = world.office
  await page.click(t('panel-close'))
  await page.fill(t('people-filter'), nameOf(0))
  await until('one person is left', async () => (await page.locator(t('person-row')).count()) === 1)
  await page.locator(t('person-row')).first().click()
  equal('spendable before', await text(page, 'spendable'), '95')
  world.elderCard = (await text(page, 'card-code')).replace(/\D/g, '')
  await page.click(t('deed'))
  await page.locator(t('deed-item')).waitFor()
  const options = await page.locator(`${t('deed-item')} option`).allTextContents()
  world.items = options
  await choosePoints(page, 3)
  await page.fill(t('deed-witness'), '见证乙')
  await page.click(t('deed-do'))
  await until('95 + 3 = 98', async () => (await text(page, 'spendable')) === '98')
  await picture(page, 'earned')
}

// choosePoints walks the items until the button says the wanted points.
async function choosePoints(page, points) {
  const count = await page.locator(`${t('deed-item')} option`).count()
  for (let n = 0; n < count; n++) {
    await page.locator(t('deed-item')).selectOption({ index: n })
    const minutes = page.locator(t('deed-minutes'))
    for (const m of (await minutes.count()) ? ['60', '90', '180'] : ['']) {
      if (m) await minutes.fill(m)
      if ((await text(page, 'deed-do')).replace(/\D/g, '') === String(points)) return
    }
  }
  throw new Error(`no item gives ${points} points`)
}

export async function shelf(world) {
  const page = world.office
  await page.click(t('nav-shop'))
  await page.click(t('offer-add'))
  await page.fill(t('offer-name'), '洗衣液')
  await page.fill(t('offer-points'), '8')
  await page.fill(t('offer-unit'), '袋')
  await page.fill(t('offer-first'), '24')
  await page.click(t('offer-save'))
  await until('24 on the shelf', async () => ((await page.locator(`${t('offer-row')}[data-name="洗衣液"]`).textContent()) ?? '').includes('24'))
  await picture(page, 'shelf')
}

export async function redeem(world) {
  const page = world.office
  await page.click(t('nav-till'))
  await page.fill(t('till-field'), world.elderCard)
  await page.keyboard.press('Enter')
  equal('what can be spent here', await text(page, 'till-here'), '98')
  await page.locator(`${t('offer')}[data-name="洗衣液"]`).click()
  await page.locator(`${t('offer')}[data-name="洗衣液"]`).click()
  await picture(page, 'till')
  await page.click(t('redeem'))
  await page.locator(t('done')).waitFor()
  await until('the receipt is listed', async () => (await page.locator(t('receipt')).count()) === 1)
  await picture(page, 'redeemed')
}

// A refusal says what is missing; goods can be kept.
export async function refuse(world) {
  const page = world.office
  await page.fill(t('till-field'), world.newCard)
  await page.keyboard.press('Enter')
  const offer = page.locator(`${t('offer')}[data-name="洗衣液"]`)
  await offer.click()
  await offer.click()
  await page.locator(t('refused')).waitFor()
  await picture(page, 'refused')
  await page.click(t('reserve'))
  await page.locator(t('ready')).waitFor()
}

export async function undo(world) {
  const page = world.office
  await page.click(t('nav-people'))
  await page.fill(t('people-filter'), nameOf(0))
  await until('one person is left', async () => (await page.locator(t('person-row')).count()) === 1)
  await page.locator(t('person-row')).first().click()
  await until('98 - 16 = 82', async () => (await text(page, 'spendable')) === '82')
  const award = page.locator(`${t('line')}[data-kind="award"], ${t('line')}[data-kind="deed"]`).first()
  const before = await page.locator(t('line')).count()
  await award.hover()
  await award.locator(t('undo-line')).click()
  await award.locator(t('undo-line')).click()
  await until('both lines are visible', async () => (await page.locator(t('line')).count()) === before + 1)
  await until('82 - 3 = 79', async () => (await text(page, 'spendable')) === '79')
  await picture(page, 'undone')
}

export async function publish(world) {
  const page = world.office
  await page.click(t('nav-activities'))
  await page.click(t('publish'))
  await page.fill(t('activity-title'), '2号院楼道大清扫')
  await today(page)
  await page.fill(t('activity-places'), '13')
  await page.click(t('activity-save'))
  await page.locator(t('activity-name')).waitFor()
  world.activity = page.url().match(/activities\/([^/]+)/)[1]
}

// today moves the activity to now: it began an hour ago.
async function today(page) {
  const pad = (n) => String(n).padStart(2, '0')
  const write = (d) => `${d.year}-${pad(d.month)}-${pad(d.day)} ${pad(d.hour)}:${pad(d.minute)}`
  const now = await page.evaluate(() => Date.now())
  const parts = (at) => page.evaluate((ms) => { const d = new Date(ms); return { year: d.getFullYear(), month: d.getMonth() + 1, day: d.getDate(), hour: d.getHours(), minute: d.getMinutes() } }, at)
  for (const [field, at] of [['activity-start', now - 65 * 60_000], ['activity-end', now + 60 * 60_000]]) {
    const input = page.locator(`${t(field)} input`)
    await input.fill(write(await parts(at)))
    await input.press('Enter')
  }
  await page.locator(t('activity-title')).click()
}

export async function signUp(world) {
  const page = world.office
  await page.click(t('tab-signup'))
  await page.click(t('paste-list'))
  const names = Array.from({ length: 16 }, (_, n) => `${n + 1}. ${nameOf(n)}`)
  await page.fill(t('paste-text'), ['#接龙 2号院楼道大清扫', ...names, '17. 没有这人啊'].join('\n'))
  await page.click(t('paste-check'))
  await page.click(t('paste-apply'))
  await until('13 of 16 have a place', async () => (await page.locator(t('signed-row')).count()) === 13)
  equal('three wait', await page.locator(t('waiting-row')).count(), 3)
  await picture(page, 'signed-up')
}

export async function rollCall(world) {
  const page = world.office
  await page.click(t('tab-checkin'))
  await page.click(t('way-roll'))
  for (let n = 1; n <= 2; n++) {
    await page.locator(t('check-in')).first().click()
    await until(`${n} checked in`, async () => (await page.locator(`${t('attendee')}[data-in="1"]`).count()) === n)
  }
  await picture(page, 'roll-call')
}

export async function phoneCheckIn(world) {
  const page = world.office
  await page.click(t('way-qr'))
  const url = await page.locator(t('code')).getAttribute('data-url')
  const phone = await newPage(world.browser, world.complaints, true)
  await phone.goto(url)
  await phone.fill(t('phone-code'), world.elderCard)
  await phone.fill(t('phone-tail'), phoneOf(0).slice(-4))
  await phone.click(t('phone-sign-in'))
  await phone.locator(t('phone-in')).waitFor().catch(async (e) => { await picture(phone, 'failed-phone'); throw new Error(`${e.message} on ${url}: ${await phone.locator('body').innerText()}`) })
  await picture(phone, 'phone-in')
  await until('the office sees it at once', async () => (await page.locator(`${t('attendee')}[data-in="1"]`).count()) >= 2)
  await phone.goto(`${world.devices.office.phone}/#/book`)
  await until('the passbook is on the phone', async () => (await phone.locator(t('phone-line')).count()) > 0)
  await picture(phone, 'phone-book')
  await phone.goto(`${world.devices.office.phone}/#/`)
  equal('points on the phone', await text(phone, 'phone-spendable'), '79')
  await phone.context().close()
}

// Who was there longer than the clock says is entered from the paper sheet.
export async function afterEntry(world) {
  const page = world.office
  await page.click(t('way-after'))
  const before = await page.locator(t('after-row')).count()
  await page.locator(t('after-row')).first().check()
  await page.click(t('after-do'))
  await until('one less to enter', async () => (await page.locator(t('after-row')).count()) === before - 1)
}

export async function finish(world) {
  const page = world.office
  await page.click(t('way-roll'))
  await page.click(t('finish'))
  await page.click(t('yes'))
  await page.locator(t('sum-points')).waitFor()
  equal('the activity is awarded', await page.locator(t('activity-state')).getAttribute('data-state'), 'awarded')
  await picture(page, 'finished')
}

export async function join(world) {
  const office = world.office
  await office.click(t('nav-devices'))
  await office.click(t('let-join'))
  await office.fill(t('ticket-name'), '滨河实践站电脑')
  await office.fill(t('ticket-place'), '滨河实践站')
  await office.click(t('ticket-make'))
  const ticket = await text(office, 'ticket')
  await picture(office, 'ticket')
  const page = await newPage(world.browser, world.complaints)
  world.station = page
  await page.goto(world.devices.station.url)
  await page.click(t('first-join'))
  await page.fill(t('ticket-text'), ticket)
  await page.click(t('ticket-read'))
  const office_ = await text(page, 'ticket-office')
  if (!office_.includes('滨河社区')) throw new Error(`the ticket does not name the office: ${office_}`)
  await picture(page, 'join')
  await page.fill(t('join-operator'), '经办丙')
  await page.click(t('join-do'))
  await page.locator(t('to-work')).click({ timeout: 60_000 })
  await page.locator(t('station-query')).waitFor()
  await picture(page, 'station')
  await office.keyboard.press('Escape')
  await until('the office sees the station online', async () => (await office.locator(`${t('device-row')}[data-online="true"]`).count()) >= 2, 60_000)
  await picture(office, 'devices')
}

// The second device knows the people and what they have.
export async function secondDevice(world) {
  const page = world.station
  await page.click(t('station-query'))
  await until('the station finds the elder', async () => {
    await page.fill(t('person-pick'), '')
    await page.fill(t('person-pick'), nameOf(0))
    return (await page.locator(t('person-option')).count()) > 0
  }, 60_000)
  await pick(page, 'main', nameOf(0))
  await until('the same points on both', async () => Number((await text(page, 'query-spendable')).replace(/\D/g, '')) >= 79)
  await picture(page, 'station-query')
}

export const FLOWS = [create, roster, register, earn, shelf, redeem, refuse, undo, publish, signUp, rollCall, phoneCheckIn, afterEntry, finish, join, secondDevice]
