// Pictures of a household's account: at the desk, on paper, on a member's phone; and of its
// assessment there.
const t = (name) => `[data-test=${name}]`
const phone = { phone: true, size: { width: 390, height: 844 } }
export const HOUSEHOLD = [
  { name: 'people-household-en', path: '/people?id=p1', query: '?lang=en', act: (p) => p.click('[data-value=household]') },
  { name: 'household-book', path: '/people?id=p1', act: async (p) => { await p.click('[data-value=household]'); await p.click(t('household-open')) } },
  { name: 'household-book-en', path: '/people?id=p1', query: '?lang=en', act: async (p) => { await p.click('[data-value=household]'); await p.click(t('household-open')) } },
  { name: 'settings-grids', path: '/settings', act: async (p) => { await p.click(t('grid-add')); await p.locator(t('grid-name')).last().fill('滨河花园'); await p.locator(t('grids-save')).scrollIntoViewIfNeeded() } },
  { name: 'settings-household', path: '/settings', act: (p) => p.locator(t('household-rule')).scrollIntoViewIfNeeded() },
  { name: 'paper-household', path: '/people?id=p1', size: { width: 1000, height: 1300 }, act: async (p) => { await p.click('[data-value=household]'); await p.click(t('household-open')); await p.click(t('print-household')) } },
  { name: 'phone-household', ...phone, path: '/household', query: '?in=1' },
  { name: 'phone-household-en', ...phone, path: '/household', query: '?in=1&lang=en&size=24' },
  { name: 'phone-rounds', ...phone, path: '/rounds', query: '?in=1' },
  { name: 'phone-rounds-object', ...phone, path: '/rounds', query: '?in=1&lang=en', act: (p) => p.locator(t('round-object')).first().click() },
  { name: 'phone-rounds-24', ...phone, path: '/rounds', query: '?in=1&size=24' },
  { name: 'phone-home-assessed', ...phone, path: '/', query: '?in=1&assessed=1' },
]
