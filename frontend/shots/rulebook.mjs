// Pictures of the rulebook: its pages, imports, and what comes from the level above.
const wide = { width: 1920, height: 1080 }
const small = { width: 390, height: 844 }
const t = (name) => `[data-test=${name}]`
export const RULEBOOK = [
  { name: 'scheme', path: '/points' },
  { name: 'scheme-item', path: '/points', act: (p) => p.locator(t('scheme-row')).nth(9).click() },
  { name: 'points-edit', path: '/points', act: async (p) => { await p.click(t('scheme-edit')); await p.locator(t('scheme-row')).nth(1).click(); await p.selectOption(t('item-kind'), 'mutual') } },
  { name: 'points-edit-1920', path: '/points', size: wide, act: async (p) => { await p.click(t('scheme-edit')); await p.locator(t('scheme-row')).nth(1).click() } },
  { name: 'points-edit-small', path: '/points', size: small, act: async (p) => { await p.click(t('scheme-edit')); await p.locator(t('scheme-row')).nth(1).click() } },
  { name: 'points-edit-en', path: '/points', query: '?lang=en', act: async (p) => { await p.click(t('scheme-edit')); await p.locator(t('scheme-row')).nth(3).click() } },
  { name: 'scheme-changes', path: '/points', act: async (p) => { await p.click(t('scheme-edit')); await p.locator(t('scheme-row')).nth(1).click(); await p.fill(t('item-points'), '4'); await p.click(t('item-add')); await p.fill(t('item-name'), '电瓶车规范停放'); await p.click(t('scheme-save')) } },
  { name: 'scheme-versions', path: '/points', act: (p) => p.click(t('scheme-versions')) },
  { name: 'scheme-above', path: '/points/import', act: (p) => p.setInputFiles(t('scheme-above-file'), { name: 'a.jishanrules', mimeType: 'application/octet-stream', buffer: Buffer.from('x') }) },
  { name: 'scheme-down', path: '/points', query: '?level=street', act: async (p) => { await p.click(t('scheme-down')); await p.locator(t('down-open')).nth(2).check() } },
  { name: 'scheme-import', path: '/points/import', act: async (p) => { await p.fill(t('scheme-text'), '大类\t小项\t分值\n文明新风\t报名\t2'); await p.click(t('scheme-check')) } },
  { name: 'scheme-import-bad', path: '/points/import', act: async (p) => { await p.fill(t('scheme-text'), '大类\t小项\t分值\n文明新风\t错\t二'); await p.click(t('scheme-check')) } },
  { name: 'scheme-ready', path: '/points/import', act: (p) => p.waitForSelector(t('ready-bengbu')) },
]
