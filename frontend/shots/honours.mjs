// Pictures of who stands out: the ranking.
const t = (name) => `[data-test=${name}]`
const phone = { phone: true, size: { width: 390, height: 844 } }
export const HONOURS = [
  { name: 'ranking', path: '/honours/ranking' },
  { name: 'ranking-en', path: '/honours/ranking', query: '?lang=en', act: (p) => p.locator('[data-value=households]').click() },
  { name: 'ranking-off', path: '/honours/ranking', query: '?empty' },
  { name: 'ranking-paper', path: '/honours/ranking', size: { width: 1280, height: 1000 }, act: (p) => p.click(t('ranking-print')) },
  { name: 'ranking-phone', path: '/ranking', query: '?in=1', ...phone },
]
