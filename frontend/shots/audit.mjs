// Pictures of who did what and of what is kept about a person.
const t = (name) => `[data-test=${name}]`
const wide = { width: 1920, height: 1080 }
export const AUDIT = [
  { name: 'people-data', path: '/people?id=p1', act: (p) => p.click('[data-value=data]') },
  { name: 'audit', path: '/audit' },
  { name: 'audit-kind', path: '/audit', act: (p) => p.selectOption(t('audit-kind'), 'award') },
  { name: 'audit-empty', path: '/audit', query: '?empty' },
  { name: 'audit-en', path: '/audit', query: '?lang=en&size=22', size: wide },
  { name: 'audit-refused', path: '/audit/refused' },
  { name: 'audit-differ', path: '/audit/differ' },
  { name: 'audit-erasures', path: '/audit/erasures' },
  { name: 'people-data', path: '/people?id=p1', act: (p) => p.click('[data-value=data]') },
]
