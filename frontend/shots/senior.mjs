// Pictures of senior mode. take.mjs measures each: letters, targets, contrast.
const t = (name) => `[data-test=${name}]`
const small = { width: 390, height: 844 }
const scan = async (page, text) => { await page.fill(t('till-field'), text); await page.keyboard.press('Enter'); await page.waitForTimeout(300) }
const counter = [
  { name: 'station', path: '/station', query: '?role=station' },
  { name: 'station-more', path: '/station', query: '?role=station', act: (p) => p.click(t('station-more')) },
  { name: 'station-offline', path: '/station', query: '?role=station&offline=1' },
  { name: 'station-checkin', path: '/station/checkin', query: '?role=station' },
  { name: 'station-deed', path: '/station/deed', query: '?role=station' },
  { name: 'station-wish', path: '/station/wish', query: '?role=station' },
  { name: 'station-query', path: '/station/query', query: '?role=station', act: async (p) => { await p.fill(t('person-pick'), '张'); await p.waitForTimeout(300); await p.keyboard.press('Enter') } },
  { name: 'station-day', path: '/station/day', query: '?role=station' },
  { name: 'till-ready', path: '/till', query: '?role=merchant' },
  { name: 'till-cart', path: '/till', query: '?role=merchant', act: async (p) => { await scan(p, '02184471'); await p.click('[data-name=洗衣液]'); await p.click('[data-name=卫生纸]') } },
  { name: 'till-station', path: '/till', query: '?role=station', act: async (p) => { await scan(p, '02184471'); await p.click('[data-name=洗衣液]') } },
  { name: 'till-refused', path: '/till', query: '?role=merchant&offline=1', act: async (p) => { await scan(p, '02184619'); await p.click('[data-name=电热水壶]') } },
  { name: 'till-done', path: '/till', query: '?role=merchant', act: async (p) => { await scan(p, '02184471'); await p.click('[data-name=洗衣液]'); await p.keyboard.press('Enter') } },
  { name: 'till-back', path: '/till', query: '?role=merchant', act: async (p) => { await scan(p, '02184471'); await p.click('[data-name=洗衣液]'); await p.keyboard.press('Enter'); await p.click(t('take-back')) } },
  { name: 'till-nothing', path: '/till', query: '?role=merchant', act: (p) => scan(p, '99998888') },
]
const phone = [['home', '/'], ['signin', '/me', ''], ['home-out', '/', ''], ['activities', '/activities'], ['activity', '/a/a2'], ['activity-full', '/a/a5'], ['checkin', '/checkin'], ['checkin-done', '/c/7K4Q2M9T'], ['wishes', '/wishes'], ['wish', '/wish'], ['mall', '/mall'], ['me', '/me'], ['book', '/book'], ['card', '/card'], ['voucher', '/voucher'], ['ranking', '/ranking'], ['board', '/board'], ['deductions', '/deductions', '?in=1&told=1'], ['claims', '/claims', '?in=1&claimed=1'], ['claim', '/claim', '?in=1&claimed=1'], ['offline', '/', '?in=1&offline=1']]
const more = (query, add) => `${query ? `${query}&` : '?'}${add}`
export const SENIOR = [
  ...counter.flatMap((p) => [{ ...p, name: `senior-${p.name}`, query: more(p.query, 'senior&theme=auto'), senior: true }, { ...p, name: `senior-${p.name}-390`, query: more(p.query, 'senior&theme=auto'), size: small, senior: true }]),
  ...phone.flatMap(([name, path, query = '?in=1']) => [24, 30].map((px) => ({ name: `senior-phone-${name}-${px}`, phone: true, size: small, path, query: more(query, `size=${px}`), senior: true }))),
  { name: 'senior-phone-home-en-30', phone: true, size: small, path: '/', query: '?in=1&size=30&lang=en', senior: true },
  { name: 'senior-till-en', path: '/till', query: '?role=merchant&senior&theme=auto&lang=en', senior: true, act: counter.find((p) => p.name === 'till-cart').act },
  { name: 'senior-station-30', path: '/station', query: '?role=station&senior&theme=auto&size=30', senior: true },
  { name: 'senior-till-30', path: '/till', query: '?role=merchant&senior&theme=auto&size=30', senior: true, act: counter.find((p) => p.name === 'till-cart').act },
]
