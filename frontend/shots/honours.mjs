// Pictures of who stands out: the ranking.
const t = (name) => `[data-test=${name}]`
const phone = { phone: true, size: { width: 390, height: 844 } }
export const HONOURS = [
  { name: 'ranking', path: '/honours/ranking' },
  { name: 'ranking-en', path: '/honours/ranking', query: '?lang=en', act: (p) => p.locator('[data-value=households]').click() },
  { name: 'ranking-off', path: '/honours/ranking', query: '?empty' },
  { name: 'ranking-paper', path: '/honours/ranking', size: { width: 1280, height: 1000 }, act: (p) => p.click(t('ranking-print')) },
  { name: 'ranking-phone', path: '/ranking', query: '?in=1', ...phone },
  { name: 'assess-list', path: '/honours/assess' },
  { name: 'assess-empty', path: '/honours/assess', query: '?empty' },
  { name: 'assess-begin', path: '/honours/assess', act: (p) => p.click(t('assess-begin')) },
  { name: 'assess-grid', path: '/honours/assess/r3' },
  { name: 'assess-grid-en', path: '/honours/assess/r3', query: '?lang=en', size: { width: 1920, height: 1080 } },
  { name: 'assess-public', path: '/honours/assess/r2' },
  { name: 'assess-objection', path: '/honours/assess/r2', act: (p) => p.locator(t('home-open')).nth(4).click() },
  { name: 'assess-sheet', path: '/honours/assess/r3', size: { width: 1280, height: 960 }, act: (p) => p.click(t('assess-sheet')) },
  { name: 'assess-notice', path: '/honours/assess/r2', size: { width: 1280, height: 960 }, act: (p) => p.click(t('assess-notice')) },
]
