// The largest letters are where things are cut off or overlap first: these
// pictures are taken again at 22 and 26 px, those of phones at 22 and 26 too.
export const LARGE = ['stats', 'points', 'points-edit', 'activity-signup', 'activity-form', 'first', 'first-create', 'first-key', 'first-join', 'first-join2', 'first-restore', 'people', 'people-panel', 'people-data', 'people-household', 'people-voucher',
  'register', 'station', 'station-checkin', 'station-deed', 'station-query', 'station-day', 'year', 'year-close', 'budget', 'settle', 'settings', 'shop-offer', 'shop-count', 'till-cart', 'till-refused', 'till-done', 'till-ready', 'shop', 'shop-today', 'settle-merchant', 'home', 'lock']
export const LARGE_PHONE = ['phone-home', 'phone-signin', 'phone-activities', 'phone-activity', 'phone-checkin-done', 'phone-me', 'phone-book', 'phone-card']
export const WIDE = ['stats', 'points', 'activity-signup', 'first', 'register', 'station-checkin', 'station-deed', 'year', 'budget', 'settle', 'settings']
