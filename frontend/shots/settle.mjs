// Pictures of what merchants get, and of vouchers on the phone.
export const SETTLE = [
  { name: 'settle', path: '/settle' },
  { name: 'settle-unpaid', path: '/settle/unpaid' },
  { name: 'settle-paid', path: '/settle/paid' },
  { name: 'settle-merchant', path: '/settle', query: '?role=merchant' },
  { name: 'keeper-give', path: '/settle/merchants', act: (p) => p.locator('[data-test=keeper-give]').first().click() },
  { name: 'keeper-edit', path: '/people?id=p4', act: async (p) => { await p.click('[data-value=data]'); await p.click('[data-test=edit-person]'); await p.locator('[data-test=edit-skills]').scrollIntoViewIfNeeded() } },
  { name: 'phone-voucher', path: '/voucher', phone: true, size: { width: 390, height: 844 }, query: '?in=1' },
]
