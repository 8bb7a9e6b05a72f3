// Reading aloud at the till, with a voice that writes down what it is given: off by
// default, said by a button, by itself once switched on, and never a name.
import { by, founded, go, phoneNumber, said, scanPerson, shown, tile, withPoints } from '../screens.mjs'
import { equal, holds, quiet } from '../stage.mjs'

export default async function (stage) {
  const office = await founded(stage)
  const [elder] = await withPoints(office, [{ name: '居民甲', phone: phoneNumber(1), points: 42 }])
  const { id } = await office.call('shop.save', { id: '', name: '洗衣液', unit: '袋', kind: 'goods', points: 12, minimum: 0, icon: 'soap', active: true, code: '' })
  await office.call('shop.receive', { offer: id, n: 9, why: '' })
  const page = await stage.page(`${office.url}#/till`)
  const voices = async (list) => {
    await page.addInitScript((list) => {
      window.spoken = []
      window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text } }
      Object.defineProperty(window, 'speechSynthesis', { configurable: true, value: { getVoices: () => list, cancel() {}, speak: (u) => window.spoken.push([u.lang, u.text]), addEventListener() {}, removeEventListener() {} } })
    }, list)
    await page.reload()
  }
  const spoken = () => page.evaluate(() => window.spoken.splice(0))
  const redeem = async () => {
    await scanPerson(page, elder.code)
    await tile(page, '洗衣液').click()
    await page.keyboard.press('Enter')
    await page.locator(by('done')).waitFor()
    await quiet(page)
  }

  // Without a voice that speaks Mandarin on this computer: silent, and the settings say so.
  await voices([{ lang: 'en-US', localService: true }, { lang: 'zh-HK', localService: true }, { lang: 'zh-CN', localService: false }])
  await page.locator(by('ready')).waitFor()
  await go(page, '/settings')
  await page.locator(by('voice-none')).waitFor()
  holds(!(await page.locator(by('voice')).isChecked()), 'reading aloud is on before anybody switched it on')
  await page.locator(by('voice')).check()
  await stage.read(page, 'settings without a voice')
  await go(page, '/till')
  await redeem()
  equal([await spoken(), await page.locator(by('say-done')).count()], [[], 0], 'said without a voice')
  await go(page, '/settings')
  await page.locator(by('voice')).uncheck()

  // With one: a button, and by itself only where it was switched on.
  await voices([{ lang: 'en-US', localService: true }, { lang: 'zh-CN', localService: true }])
  await page.locator(by('voice')).waitFor()
  equal(await page.locator(by('voice-none')).count(), 0, 'notes that no voice is here')
  await go(page, '/till')
  await scanPerson(page, elder.code)
  await page.locator(by('say-balance')).click()
  equal(await spoken(), [['zh-CN', '此处可兑三十分，可用积分三十分。']], 'the balance')
  await page.keyboard.press('Escape')
  await redeem()
  equal(await spoken(), [], 'said while switched off')
  await page.locator(by('say-done')).click()
  equal(await spoken(), [['zh-CN', '兑换十二分，还有十八分。']], 'at the button')
  await stage.read(page, 'till that speaks')

  await go(page, '/settings')
  await page.locator(by('voice')).check()
  await page.reload() // remembered
  await page.locator(by('voice')).waitFor()
  holds(await page.locator(by('voice')).isChecked(), 'the switch was not remembered')
  await go(page, '/till')
  await redeem()
  equal(await spoken(), [['zh-CN', '兑换十二分，还有六分。']], 'by itself')
  await page.locator(by('take-back')).click()
  await page.locator(by('yes')).click()
  await said(page, /12/)
  await shown(page, by('today'), '12')
  equal(await spoken(), [['zh-CN', '退回十二分。']], 'taken back')
  await go(page, '/station/query')
  await page.locator(by('person-pick')).fill('居民甲')
  await page.locator(by('person-option')).first().click()
  await page.locator(by('query-spendable')).waitFor()
  equal(await spoken(), [['zh-CN', '可用积分十八分。']], 'asked at the station')
}
