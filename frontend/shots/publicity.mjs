// Pictures of notices, the council, the wall and the phone's notices.
const wide = { width: 1920, height: 1080 }
const t = (name) => `[data-test=${name}]`
const write = async (p) => { await p.click(t('notice-write')); await p.fill(t('notice-title'), '表扬张秀芳'); await p.fill(t('notice-body'), '张秀芳陪伴独居老人 12 次。'); await p.click(t('notice-do')) }
const enter = async (p) => { await p.click(t('minutes-enter')); await p.fill(t('minutes-title'), '四月议事会'); await p.fill(t('person-pick'), '李'); await p.waitForTimeout(300); await p.keyboard.press('Enter'); await p.fill(t('minutes-others'), '8'); await p.fill(t('matter-title'), '添长椅'); await p.fill(t('matter-decision'), '添六条'); await p.fill(t('matter-for'), '12') }
export const PUBLICITY = [
  { name: 'publicity', path: '/publicity' },
  { name: 'publicity-1920', path: '/publicity', size: wide },
  { name: 'publicity-all', path: '/publicity', act: async (p) => { await p.click('[data-value=all]'); await p.locator(t('notice-row')).nth(4).click() } },
  { name: 'publicity-en-26', path: '/publicity', query: '?lang=en&size=26' },
  { name: 'publicity-dark', path: '/publicity', query: '?theme=dark' },
  { name: 'publicity-empty', path: '/publicity', query: '?empty' },
  { name: 'publicity-station', path: '/publicity', query: '?role=station' },
  { name: 'publicity-hand', path: '/publicity', size: { width: 390, height: 844 } },
  { name: 'publicity-write', path: '/publicity', act: write },
  { name: 'publicity-paper', path: '/publicity', size: { width: 1000, height: 1100 }, act: (p) => p.click(t('notice-print')) },
  { name: 'notices-merchant', path: '/till', query: '?role=merchant' },
  { name: 'notices-merchant-en-26', path: '/till', query: '?role=merchant&lang=en&size=26' },
  { name: 'notices-merchant-hand', path: '/till', query: '?role=merchant', size: { width: 390, height: 844 } },
  { name: 'notices-merchant-one', path: '/till', query: '?role=merchant', act: async (p) => { await p.locator(t('till-notice')).first().click(); await p.locator(t('till-notice-text')).waitFor() } },
  { name: 'council', path: '/publicity/council' },
  { name: 'council-en', path: '/publicity/council', query: '?lang=en' },
  { name: 'council-enter', path: '/publicity/council', size: { width: 1280, height: 1000 }, act: enter },
  { name: 'council-post', path: '/publicity/council', act: (p) => p.click(t('meeting-post')) },
  { name: 'council-paper', path: '/publicity/council', size: { width: 1000, height: 1100 }, act: (p) => p.click(t('meeting-print')) },
  ...[['notice', 0], ['activities', 1], ['publicity', 2], ['month', 3], ['honours', 4], ['ranking', 5]].map(([name, n]) => ({ name: `wall-${name}`, path: `/wall?page=${n}&seconds=120`, size: wide })),
  { name: 'wall-locked', path: '/wall?page=1&seconds=120', query: '?guarded&locked', size: wide },
  { name: 'wall-en', path: '/wall?page=3&seconds=120', query: '?lang=en', size: wide },
  { name: 'wall-empty', path: '/wall', query: '?empty', size: wide },
  { name: 'phone-board', path: '/board', phone: true, query: '?in=1', size: { width: 390, height: 844 } },
  { name: 'phone-board-home', path: '/', phone: true, query: '?in=1', size: { width: 390, height: 844 } },
  { name: 'phone-board-one', path: '/n/n2', phone: true, query: '?in=1', size: { width: 390, height: 844 } },
  { name: 'proposals', path: '/publicity/proposals' },
  { name: 'proposals-all-en', path: '/publicity/proposals', query: '?lang=en', act: (p) => p.locator('[data-value=all]').click() },
  { name: 'proposals-empty', path: '/publicity/proposals', query: '?empty' },
  { name: 'proposal-add', path: '/publicity/proposals', act: (p) => p.click(t('proposal-add')) },
  { name: 'proposal-reply', path: '/publicity/proposals', act: (p) => p.locator(t('proposal-reply')).first().click() },
  { name: 'proposals-phone', path: '/proposals', query: '?in=1', phone: true, size: { width: 390, height: 844 } },
]
