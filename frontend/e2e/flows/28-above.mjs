// A street hands its rulebook down as a signed file; a community that has named it takes
// it in on the screen of imports: what is locked shows as such and can't be edited, its
// own rules stay, and the same file comes in once.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { by, COMMUNITY, founded, go, said, shown } from '../screens.mjs'
import { equal, holds } from '../stage.mjs'

export const weight = 2
const rule = (code, group, name, points) => ({ code, group, name, kind: 'deed', points })
export default async function (stage) {
  const [office, street] = await Promise.all([founded(stage), stage.device('street')])
  await street.call('setup.create', { ...COMMUNITY, community: '河东街道', parent: '', office: '街道办公室', level: 'street' })
  await street.call('scheme.save', { head: null, items: [rule('JD01', '环境', '清扫楼道', 2), rule('JD02', '文明', '文明劝导', 1)] })
  await office.call('scheme.save', { head: null, items: [rule('A01', '互助', '代买药品', 2)] })

  const above = await stage.page(street.url)
  await above.locator(by('nav-points')).click()
  await above.locator(by('scheme-down')).click()
  await above.locator(by('down-open')).nth(1).check()
  await stage.read(above, 'handing down')
  const [saved] = await Promise.all([above.waitForEvent('download'), above.locator(by('down-sign')).click()])
  holds(saved.suggestedFilename().endsWith('.jishanrules'), saved.suggestedFilename())
  const file = join(mkdtempSync(join(tmpdir(), 'jishan-e2e-')), 'street.jishanrules')
  await saved.saveAs(file)

  const desk = await stage.page(office.url)
  await go(desk, '/points/import')
  await desk.setInputFiles(by('scheme-above-file'), file)
  await shown(desk, '.page', /还没有写明上级/)
  await office.call('above.name', { text: (await street.call('partners.list')).introduction })
  await desk.setInputFiles(by('scheme-above-file'), file)
  await shown(desk, by('scheme-above'), /河东街道.*1 项是上级定的/s)
  await stage.read(desk, 'a rulebook from above')
  await desk.locator(by('above-why')).fill('街道统一')
  await desk.locator(by('above-adopt')).click()
  await said(desk, /第 \d+ 版/)
  await shown(desk, '.head', /河东街道下发/)
  await desk.locator(by('scheme-edit')).click()
  await desk.locator(by('scheme-row')).filter({ hasText: '清扫楼道' }).click()
  equal(await desk.locator(by('item-points')).count(), 0, 'a locked rule can be edited')
  await desk.locator(by('scheme-row')).filter({ hasText: '代买药品' }).click()
  await desk.locator(by('item-points')).waitFor()
  await stage.read(desk, 'the rulebook after it')
  await desk.locator(`${by('scheme-bar')} .quiet`).click()
  await go(desk, '/points/import')
  await desk.setInputFiles(by('scheme-above-file'), file)
  await shown(desk, '.page', /这里已经收下第/)
}
