// Pictures of registration from the phone: the form, its answer, and the desk.
const t = (name) => `[data-test=${name}]`
const phone = { phone: true, size: { width: 390, height: 844 }, path: '/apply' }
const fill = async (p) => { await p.fill(t('apply-name'), '居民丁'); await p.fill(t('apply-phone'), '13900000031'); await p.click(t('apply-agree-identity')); await p.click(t('apply-agree-contact')) }
const look = async (p) => { await p.fill(t('apply-asked'), '4821 9930 1175'); await p.click(t('apply-look')); await p.waitForTimeout(200) }
export const NEWCOMERS = [
  { name: 'newcomers', path: '/people/newcomers' },
  { name: 'newcomers-en-26', path: '/people/newcomers', query: '?lang=en&size=26' },
  { name: 'newcomers-dark', path: '/people/newcomers', query: '?theme=dark' },
  { name: 'newcomers-empty', path: '/people/newcomers', query: '?empty' },
  { name: 'newcomers-hand', path: '/people/newcomers', size: { width: 390, height: 844 } },
  { name: 'newcomers-accept', path: '/people/newcomers', act: (p) => p.locator(t('newcomer-accept')).nth(1).click() },
  { name: 'newcomers-refuse', path: '/people/newcomers', act: async (p) => { await p.locator(t('newcomer-refuse')).first().click(); await p.locator(t('newcomer-preset')).first().click() } },
  { name: 'newcomers-people', path: '/people' },
  { name: 'settings-newcomers', path: '/settings', act: (p) => p.locator(t('newcomer-rule')).scrollIntoViewIfNeeded() },
  { ...phone, name: 'phone-apply-door', path: '/me', query: '?apply=1' },
  { ...phone, name: 'phone-apply', query: '?apply=1', act: async (p) => { await fill(p); await p.evaluate(() => window.scrollTo(0, 0)) } },
  { ...phone, name: 'phone-apply-low', query: '?apply=1', act: async (p) => { await p.click(t('apply-child')); await fill(p); await p.locator(t('apply-send')).scrollIntoViewIfNeeded() } },
  { ...phone, name: 'phone-apply-en-24', query: '?apply=1&lang=en&size=24', act: fill },
  { ...phone, name: 'phone-apply-30', query: '?apply=1&size=30', act: async (p) => { await fill(p); await p.locator(t('apply-send')).scrollIntoViewIfNeeded() } },
  { ...phone, name: 'phone-apply-sent', query: '?apply=1', act: async (p) => { await fill(p); await p.click(t('apply-send')); await p.waitForTimeout(200) } },
  { ...phone, name: 'phone-apply-yes', query: '?apply=yes', act: look },
  { ...phone, name: 'phone-apply-no', query: '?apply=no', act: look },
]
