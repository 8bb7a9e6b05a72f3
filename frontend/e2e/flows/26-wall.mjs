// The screen in the hall at the size of a television: the longest notice that the program
// takes is shown to its end, whole line by whole line; and there are two ways out.
import { by, founded, go } from '../screens.mjs'
import { equal, holds, until } from '../stage.mjs'

const TITLE = '关于一季度“孝老爱亲”加分和楼道堆物整改情况的公示以及居民提出异议的办法和期限说明'
const longest = [
  ['as many lines as a notice can have', Array.from({ length: 600 }, (_, n) => '善义和德信'[n % 5]).join('\n')],
  ['as many signs on one line', '积善之家必有余庆志愿服务人人可为'.repeat(75)],
  ['sixty households', Array.from({ length: 60 }, (_, n) => `第 ${n + 1} 户，已整改`).join('\n')],
]

export default async function (stage) {
  const office = await founded(stage)
  const wall = await stage.page(office.url)
  await wall.setViewportSize({ width: 1920, height: 1080 })
  const leave = wall.locator(by('wall-leave')), part = wall.locator(by('wall-part'))
  for (const [what, body] of longest) {
    const { id } = await office.call('publicity.post', { kind: 'publicity', title: [...TITLE].slice(0, 40).join(''), body: [...body].slice(0, 1200).join(''), contact: '社区办公室一楼东侧公示受理窗口，每个工作日上午九点到下午五点，电话 0351-0000000'.slice(0, 60), grid: '', from: Date.now() - 1000, until: Date.now() + 86_400_000, about: '', names: '' })
    await go(wall, '/wall?seconds=120')
    await part.waitFor()
    const parts = Number((await part.innerText()).match(/共 (\d+) 页/)[1])
    holds(parts > 1, `${what}: ${parts} parts`)
    const seen = new Set()
    for (let n = 1; n <= parts; n++) {
      await until(`${what}: part ${n}`, () => part.innerText(), (text) => text.startsWith(`第 ${n} 页`))
      for (const sign of await visible(wall)) seen.add(sign)
      if (n === 1) await stage.read(wall, what)
      await wall.keyboard.press('ArrowRight')
    }
    equal(seen.size, body.slice(0, 1200).replaceAll('\n', '').length, `${what}: signs that were shown whole`)
    await wall.locator(by('wall-month')).waitFor() // after the last part the next page
    await wall.keyboard.press('ArrowLeft')
    await part.waitFor()
    await office.call('publicity.withdraw', { id, reason: '看完了' })
    await wall.keyboard.press('Escape')
    await wall.locator(by('wall')).waitFor({ state: 'detached' })
  }

  // Nobody touches it: the next part comes by itself. The button leads out as Esc does.
  await office.call('publicity.post', { kind: 'notice', title: '一户一行', body: longest[2][1], contact: '', grid: '', from: Date.now() - 1000, until: Date.now() + 86_400_000, about: '', names: '' })
  await go(wall, '/wall?seconds=4')
  await part.filter({ hasText: '第 2 页' }).waitFor()
  const box = await leave.boundingBox()
  holds(box.x + box.width <= 1920 && box.y + box.height <= 1080 && box.height >= 44, `the way out is at ${JSON.stringify(box)}`)
  await leave.click()
  await wall.locator(by('wall')).waitFor({ state: 'detached' })
}

// visible are the places in the notice's text of all signs that stand in its pane from top to
// bottom. A sign that is cut is none of them, and nothing may stand half in view.
async function visible(page) {
  const { whole, cut } = await page.locator(by('wall-pane')).evaluate((pane) => {
    const text = pane.querySelector('[data-test=wall-text]').firstChild, range = document.createRange()
    const top = pane.getBoundingClientRect().top, bottom = Math.min(pane.getBoundingClientRect().bottom, pane.parentElement.getBoundingClientRect().bottom)
    const line = parseFloat(getComputedStyle(text.parentElement).lineHeight)
    const whole = [], cut = []
    for (let n = 0; n < text.length; n++) {
      if (text.data[n] === '\n') continue
      range.setStart(text, n)
      range.setEnd(text, n + 1)
      const at = range.getBoundingClientRect(), middle = (at.top + at.bottom) / 2
      if (middle - line / 2 >= top - 1 && middle + line / 2 <= bottom + 1) whole.push(n)
      else if (middle + line / 2 > top + 1 && middle - line / 2 < bottom - 1) cut.push(n)
    }
    return { whole, cut }
  })
  equal(cut, [], 'signs that are cut')
  return whole
}
