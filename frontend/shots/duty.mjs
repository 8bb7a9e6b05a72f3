// Pictures of lasting tasks.
const t = (name) => `[data-test=${name}]`
export const DUTY = [
  { name: 'duties', path: '/activities/duties' },
  { name: 'duties-all', path: '/activities/duties', act: (p) => p.click(`${t('duty-show')} [data-value=all]`) },
  { name: 'duties-ended', path: '/activities/duties', act: (p) => p.click(`${t('duty-show')} [data-value=ended]`) },
  { name: 'duties-empty', path: '/activities/duties', query: '?empty' },
  { name: 'duties-hand', path: '/activities/duties', size: { width: 390, height: 844 } },
  { name: 'duties-en-26', path: '/activities/duties', query: '?lang=en&size=26' },
  { name: 'duty-open', path: '/activities/duties', act: (p) => p.click(t('duty-open')) },
  { name: 'duty-done', path: '/activities/duties', act: (p) => p.click(t('duty-do')) },
  { name: 'duty-give', path: '/activities/duties', act: (p) => p.locator(t('duty-hand')).last().click() },
]
