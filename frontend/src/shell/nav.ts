import type { IconName } from '@/ui/icons'

// The pages of the office, in the order of the side rail.
export const OFFICE_NAV: { to: string; key: string; icon: IconName; low?: boolean }[] = [
  { to: '/home', key: 'home', icon: 'home' },
  { to: '/people', key: 'people', icon: 'people' },
  { to: '/activities', key: 'activities', icon: 'activity' },
  { to: '/orders', key: 'orders', icon: 'wish' },
  { to: '/points', key: 'points', icon: 'points' },
  { to: '/honours', key: 'honours', icon: 'medal' },
  { to: '/shop', key: 'shop', icon: 'redeem' },
  { to: '/till', key: 'till', icon: 'scan' },
  { to: '/settle', key: 'settle', icon: 'shop' },
  { to: '/partners', key: 'partners', icon: 'join' },
  { to: '/publicity', key: 'publicity', icon: 'notice' },
  { to: '/stats', key: 'stats', icon: 'stats' },
  { to: '/audit', key: 'audit', icon: 'eye', low: true },
  { to: '/devices', key: 'devices', icon: 'devices', low: true },
  { to: '/settings', key: 'settings', icon: 'settings', low: true },
]
// A street or county reads the reports of communities.
export const HUB_NAV: typeof OFFICE_NAV = [
  { to: '/hub', key: 'hub', icon: 'stats' },
  { to: '/points', key: 'points', icon: 'points' },
  { to: '/partners', key: 'partners', icon: 'join' },
  { to: '/devices', key: 'devices', icon: 'devices', low: true },
  { to: '/settings', key: 'settings', icon: 'settings', low: true },
]
export const MERCHANT_NAV: { to: string; key: string }[] = [
  { to: '/till', key: 'shop' },
  { to: '/shop/today', key: 'today' },
  { to: '/shop/reservations', key: 'reservations' },
  { to: '/shop/shelf', key: 'shelf' },
  { to: '/jobs', key: 'jobs' },
  { to: '/settle', key: 'mySettle' },
]
