// Pictures of goods, and the merchants' shelves on the phone.
const small = { width: 390, height: 844 }
const t = (name) => `[data-test=${name}]`
const scan = async (page, text) => { await page.fill(t('till-field'), text); await page.keyboard.press('Enter'); await page.waitForTimeout(400) }

export const GOODS = [
  { name: 'phone-mall', phone: true, size: small, path: '/mall', query: '?in=1' },
  { name: 'phone-mall-basket', phone: true, size: small, path: '/mall', query: '?in=1', act: async (p) => { for (let n = 0; n < 2; n++) await p.locator(t('phone-offer-more')).nth(1).click(); await p.locator(t('phone-offer')).nth(1).scrollIntoViewIfNeeded() } },
  { name: 'phone-mall-out', phone: true, size: small, path: '/mall' },
  { name: 'phone-mall-24', phone: true, size: small, path: '/mall', query: '?in=1&size=24' },
  { name: 'phone-mall-en', phone: true, size: small, path: '/mall', query: '?in=1&lang=en' },
  { name: 'book-photos', path: '/people?id=p1' },
  { name: 'book-photos-open', path: '/people?id=p1', act: async (p) => { await p.locator(t('line-photos')).first().click(); await p.waitForTimeout(300) } },
  { name: 'book-photos-26', path: '/people?id=p1', query: '?size=26' },
  ...['', '&size=24', '&lang=en'].map((more) => ({ name: `phone-book-photos${more.slice(-2)}`, phone: true, size: small, path: '/book', query: `?in=1${more}`, act: async (p) => { await p.locator(t('line-photos')).first().click(); await p.waitForTimeout(300) } })),
  ...['24', '30'].map((px) => ({ name: `phone-mall-rows-${px}`, phone: true, size: small, path: '/mall', query: `?in=1&size=${px}`, act: (p) => p.locator(t('phone-offer')).first().scrollIntoViewIfNeeded() })),
  { name: 'goods-shelf', path: '/shop/shelf' },
  { name: 'labels', path: '/shop/shelf', act: (p) => p.click(t('labels')) },
  { name: 'labels-en-26', path: '/shop/shelf', query: '?lang=en&size=26', act: (p) => p.click(t('labels')) },
  { name: 'labels-hand', path: '/shop/shelf', size: small, act: (p) => p.click(t('labels')) },
  ...[['paper-labels', 'large', ''], ['paper-labels-small', 'small', ''], ['paper-labels-en', 'large', '?lang=en']].map(([name, size, query]) => ({ name, path: '/shop/shelf', query, size: { width: 1000, height: 1300 }, act: async (p) => { await p.click(t('labels')); await p.click(`${t('label-size')} [data-value=${size}]`); await p.click(t('label-print')) } })),
  ...[['bylaw', ''], ['bylaw-en-26', '?lang=en&size=26'], ['bylaw-empty', '?empty=1'], ['bylaw-station', '?role=station']].map(([name, query]) => ({ name, path: '/shop/rules', query })),
  { name: 'bylaw-hand', path: '/shop/rules', size: small },
  { name: 'bylaw-edit', path: '/shop/rules', act: (p) => p.click(t('bylaw-edit')) },
  { name: 'bylaw-edit-en', path: '/shop/rules', query: '?lang=en', act: (p) => p.click(t('bylaw-edit')) },
  { name: 'bylaw-paper', path: '/shop/rules', size: { width: 1000, height: 1300 }, act: (p) => p.click(t('bylaw-print')) },
  { name: 'bylaw-till', path: '/till', act: (p) => p.click(t('till-bylaw')) },
  { name: 'bylaw-till-ready', path: '/till', query: '?role=merchant' },
  { name: 'bylaw-till-lacks', path: '/till', act: async (p) => { await scan(p, '02184656') } },
  ...['', '&size=24', '&lang=en'].map((more) => ({ name: `phone-bylaw${more.slice(-2)}`, phone: true, size: small, path: '/mall', query: `?in=1${more}`, act: async (p) => { await p.locator(`${t('phone-rules')} summary`).click(); await p.locator(t('phone-rules')).scrollIntoViewIfNeeded() } })),
  { name: 'goods-shelf-hand', path: '/shop/shelf', size: small },
  { name: 'goods-offer', path: '/shop/shelf', act: (p) => p.locator(t('offer-edit')).nth(1).click() },
  { name: 'goods-offer-en-26', path: '/shop/shelf', query: '?lang=en&size=26', act: (p) => p.locator(t('offer-edit')).nth(1).click() },
  ...[['', ''], ['-26', '?size=26'], ['-merchant', '?role=merchant']].map(([name, query]) => ({ name: `goods-till${name}`, path: '/till', query, act: (p) => scan(p, '02184471') })),
  { name: 'goods-merchant', path: '/shop/shelf', query: '?role=merchant' },
  { name: 'goods-about', path: '/shop/shelf', query: '?role=merchant', act: (p) => p.click(t('shop-about')) },
  { name: 'goods-about-en-hand', path: '/shop/shelf', query: '?role=merchant&lang=en', size: small, act: (p) => p.click(t('shop-about')) },
  ...['', '&size=24', '&lang=en', '&empty=1'].map((more) => ({ name: `phone-shops${more.replace(/\W|size|lang|1$/g, '')}`, phone: true, size: small, path: '/shops', query: `?in=1${more}` })),
]
