// Pictures of what merchants get, and of vouchers on the phone.
export const SETTLE = [
  { name: 'settle', path: '/settle' },
  { name: 'settle-unpaid', path: '/settle/unpaid' },
  { name: 'settle-paid', path: '/settle/paid' },
  { name: 'settle-merchant', path: '/settle', query: '?role=merchant' },
  { name: 'phone-voucher', path: '/voucher', phone: true, size: { width: 390, height: 844 }, query: '?in=1' },
]
