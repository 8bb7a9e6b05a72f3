// The office adds a grid in its settings and renames it; who is registered there keeps it
// from being removed.
import { by, count, enrol, founded, go, phoneNumber, said, shown } from '../screens.mjs'
import { equal } from '../stage.mjs'

export const weight = 1
export default async function (stage) {
  const office = await founded(stage)
  const desk = await stage.page(office.url)
  await go(desk, '/settings')
  const names = desk.locator(by('grid-name'))
  await count(desk, by('grid-name'), 2)
  await desk.locator(by('grid-add')).click()
  await names.last().fill('和平里一')
  await desk.locator(by('grids-save')).click()
  await shown(desk, by('grids'), /不能重复/)
  await names.last().fill('滨河花园')
  await desk.locator(by('grids-save')).click()
  await said(desk, '已存好')
  const { grids } = await office.call('people.grids')
  await enrol(office, [{ name: '居民甲', phone: phoneNumber(1), grid: grids.find((g) => g.name === '滨河花园').id }])
  await shown(desk, by('grids'), /1 人/)
  equal(await desk.locator(by('grid-drop')).count(), 2, 'grids that can be removed')
  await stage.read(desk, 'the grids')
}
