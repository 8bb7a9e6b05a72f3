// How soon somebody should be in touch, and done, in milliseconds (app/order).
export const CONTACT_AIM = 30 * 60_000
export const DONE_AIM = 60 * 60_000
export const minutesOf = (ms: number) => Math.max(0, Math.round(ms / 60_000))
// stars writes tenths of a star: 47 -> 4.7.
export const starsText = (tenths: number) => (tenths ? (tenths / 10).toFixed(1) : '—')
