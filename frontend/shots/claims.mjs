// Pictures of claims, and of deductions that wait for their appeal.
const t = (name) => `[data-test=${name}]`
const small = { width: 390, height: 844 }
export const CLAIMS = [
  ...[['notice', '/points/claims', 'claim-print'], ['book-pending-paper', '/people?id=p1', 'print-book']].map(([name, path, button]) => ({ name, path, size: { width: 1000, height: 1250 }, act: (p) => p.locator(t(button)).first().click() })),
  { name: 'notice-en', path: '/points/claims', query: '?lang=en', size: { width: 1000, height: 1250 }, act: (p) => p.locator(t('claim-print')).first().click() },
  { name: 'claims', path: '/points/claims' },
  { name: 'claims-tell', path: '/points/claims', act: (p) => p.locator(t('claim-tell')).first().click() },
  { name: 'claims-notice', path: '/points/claims', act: (p) => p.click('[data-value=notice]') },
  { name: 'claims-asked', path: '/points/claims', act: async (p) => { await p.click('[data-value=asked]'); await p.locator(t('claim-reply')).first().click() } },
  { name: 'claims-ask-en', path: '/points/claims', query: '?lang=en', act: (p) => p.locator(t('claim-ask')).first().click() },
  { name: 'claims-small', path: '/points/claims', size: small },
  { name: 'claims-en-26', path: '/points/claims', query: '?lang=en&size=26' },
  { name: 'claims-add', path: '/points/claims', act: (p) => p.click(t('claim-add')) },
  { name: 'claims-stairwell', path: '/points/claims', act: async (p) => { await p.click(t('stairwell-open')); await p.fill(t('stairwell-address'), '2'); await p.click(t('stairwell-find')) } },
  { name: 'claims-photos', path: '/points/claims', act: async (p) => { await p.locator(t('claim-photos')).nth(2).click(); await p.waitForTimeout(300) } },
  { name: 'claims-photo', path: '/points/claims', query: '?lang=en', act: async (p) => { await p.locator(t('claim-photos')).nth(2).click(); await p.waitForTimeout(300); await p.locator(t('photo')).first().locator('button').click() } },
  { name: 'claims-lists', path: '/points/claims', act: (p) => p.click(t('lists-open')) },
  ...[['home', '/'], ['me', '/me'], ['book', '/book'], ['deductions', '/deductions']].flatMap(([name, path]) => ['', '&size=24', '&lang=en'].map((more) => ({ name: `phone-told-${name}${more.replace(/&\w+=/, '-')}`, phone: true, size: small, path, query: `?in=1&told=1${more}`, act: (p) => p.waitForTimeout(1500) }))),
  { name: 'phone-told-appeal', phone: true, size: small, path: '/deductions', query: '?in=1&told=1&size=24', act: async (p) => { await p.locator(t('appeal')).first().click(); await p.fill(t('appeal-text'), '那天我在医院，车是邻居借去的') } },
  { name: 'phone-told-kept', phone: true, size: small, path: '/deductions', query: '?in=1&told=1&offline=1', act: async (p) => { await p.locator(t('appeal')).first().click(); await p.fill(t('appeal-text'), '那天我不在家'); await p.click(t('appeal-send')) } },
  ...[['list', '/claims', ''], ['list-24', '/claims', '&size=24'], ['list-en', '/claims', '&lang=en'], ['new', '/claim', ''], ['new-24', '/claim', '&size=24'], ['new-en', '/claim', '&lang=en']].map(([name, path, more]) => ({ name: `phone-claims-${name}`, phone: true, size: small, path, query: `?in=1&claimed=1${more}`, act: async (p) => { if (path === '/claim') await p.selectOption(t('claim-item'), 'A2') } })),
  { name: 'phone-told-none', phone: true, size: small, path: '/deductions', query: '?in=1' },
]
