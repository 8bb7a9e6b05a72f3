// Pictures of orders, their library and the survey form.
const wide = { width: 1920, height: 1080 }
const small = { width: 390, height: 844 }
const t = (name) => `[data-test=${name}]`
export const ORDERS = [
  { name: 'orders-hand', path: '/orders', size: small },
  { name: 'orders-26', path: '/orders', query: '?size=26' },
  { name: 'orders-dispatch-merchant', path: '/orders?id=w0', act: async (p) => { await p.click(t('order-dispatch')); await p.click('[role=dialog] [data-value=merchant]') } },
  { name: 'orders', path: '/orders' },
  { name: 'orders-panel', path: '/orders?id=w6' },
  { name: 'orders-clash', path: '/orders?id=w3' },
  { name: 'orders-dispatch-en-26', path: '/orders?id=w0', query: '?lang=en&size=26', act: (p) => p.click(t('order-dispatch')) },
  { name: 'orders-dispatch-hand', path: '/orders?id=w0', size: small, act: (p) => p.click(t('order-dispatch')) },
  { name: 'orders-tally', path: '/orders/library', size: { width: 1280, height: 1000 }, act: async (p) => { await p.click(t('survey-tally')); await p.click(t('tally-add')) } },
  { name: 'orders-dispatch', path: '/orders?id=w0', act: (p) => p.click(t('order-dispatch')) },
  { name: 'orders-new', path: '/orders', act: (p) => p.click(t('wish-new')) },
  { name: 'orders-library', path: '/orders/library' },
  { name: 'orders-teams', path: '/orders/teams' },
  { name: 'orders-performance', path: '/orders/performance' },
  ...['', '?lang=en'].map((query) => ({ name: `paper-appraisal${query ? '-en' : ''}`, path: '/orders/performance', query, size: { width: 1000, height: 1300 }, act: async (p) => { await p.click('[data-test=perf-year]'); await p.click('[data-test=appraisal-print]') } })),
  { name: 'orders-performance-en-26', path: '/orders/performance', query: '?lang=en&size=26' },
  { name: 'orders-performance-hand', path: '/orders/performance', size: { width: 390, height: 844 } },
  { name: 'orders-empty', path: '/orders', query: '?empty=1' },
  { name: 'orders-en', path: '/orders?id=w8', query: '?lang=en' },
  { name: 'orders-wide', path: '/orders?id=w6', size: wide },
  { name: 'paper-survey', path: '/orders/library', size: { width: 1000, height: 1300 }, act: (p) => p.click(t('survey-print')) },
]
