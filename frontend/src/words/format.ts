// How numbers, times and names look. Pure functions: the language comes in.
export type Lang = 'zh' | 'en'
export const DAY = 86_400_000

const pad = (n: number) => String(n).padStart(2, '0')
const WEEK = { zh: ['周日', '周一', '周二', '周三', '周四', '周五', '周六'], en: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] }
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

// num groups by thousands; a negative number carries a true minus.
export function num(n: number): string {
  const text = String(Math.abs(Math.trunc(n))).replace(/\B(?=(\d{3})+$)/g, ',')
  return n < 0 ? `−${text}` : text
}

// signed shows the sign of points first: +3, −20, 0.
export const signed = (n: number) => (n > 0 ? `+${num(n)}` : num(n))

// code groups a card code for reading aloud: 655 094 953; by four if its
// length is no multiple of three.
export function code(text: string): string {
  const plain = text.replace(/\s/g, '')
  return plain.replace(plain.length % 3 === 0 ? /(.{3})(?=.)/g : /(.{4})(?=.)/g, '$1 ')
}

// yuan writes fen with two decimals, yuan's own digits alone: no fraction is ever computed.
export function yuan(fen: number): string {
  const digits = String(Math.abs(Math.trunc(fen))).padStart(3, '0')
  return `${fen < 0 ? '−' : ''}${num(Number(digits.slice(0, -2)))}.${digits.slice(-2)}`
}

// readYuan understands 1, 1.5, 1.05, 5,000 and full-width digits and gives fen; -1 is no such amount.
export function readYuan(text: string): number {
  const plain = text.trim().normalize('NFKC').replace('。', '.')
  const m = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(/^\d{1,3}(,\d{3})+(\.|$)/.test(plain) ? plain.replaceAll(',', '') : plain)
  return m ? Number(m[1]) * 100 + Number((m[2] ?? '').padEnd(2, '0')) : -1
}

// ageOn is the age in full years of somebody born on a day (yyyy-mm-dd); 0 where
// the day is not known.
export function ageOn(birthday: string, at: number): number {
  const m = /^(\d{4})-(\d\d)-(\d\d)$/.exec(birthday)
  if (!m) return 0
  const d = new Date(at)
  const before = d.getMonth() + 1 < Number(m[2]) || (d.getMonth() + 1 === Number(m[2]) && d.getDate() < Number(m[3]))
  return Math.max(0, d.getFullYear() - Number(m[1]) - (before ? 1 : 0))
}

export function clock(at: number): string {
  const d = new Date(at)
  return `${d.getHours()}:${pad(d.getMinutes())}`
}

export function day(at: number, lang: Lang): string {
  const d = new Date(at)
  return lang === 'zh' ? `${d.getMonth() + 1}月${d.getDate()}日` : `${d.getDate()} ${MONTHS[d.getMonth()]}`
}

export const weekday = (at: number, lang: Lang) => WEEK[lang][new Date(at).getDay()]
export const shortDay = (at: number) => `${new Date(at).getMonth() + 1}-${new Date(at).getDate()}`

// isoDay is the local date as yyyy-mm-dd, isoMonth as yyyy-mm.
export function isoDay(at: number): string {
  const d = new Date(at)
  return `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())}`
}
export const isoMonth = (at: number) => isoDay(at).slice(0, 7)

export function startOfDay(at: number): number {
  const d = new Date(at)
  return new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime()
}

// dayDistance counts calendar days from now: 0 today, -1 yesterday.
export const dayDistance = (at: number, now: number) => Math.round((startOfDay(at) - startOfDay(now)) / DAY)

// when is as short as it can be without becoming unclear.
export function when(at: number, now: number, lang: Lang): string {
  if (!at) return ''
  const far = dayDistance(at, now)
  const near: Record<string, [string, string]> = { '0': ['', ''], '-1': ['昨天 ', 'yesterday '], '1': ['明天 ', 'tomorrow '] }
  const word = near[String(far)]
  if (word) return word[lang === 'zh' ? 0 : 1] + clock(at)
  return `${date(at, now, lang)} ${clock(at)}`
}

// date drops the year when it is this one.
export function date(at: number, now: number, lang: Lang): string {
  const year = new Date(at).getFullYear()
  if (year === new Date(now).getFullYear()) return day(at, lang)
  return lang === 'zh' ? `${year}年${day(at, lang)}` : `${day(at, lang)} ${year}`
}

// span: 1 小时 32 分钟, 45 分钟, 2 小时; never 分 alone, which is points.
export function span(minutes: number, lang: Lang): string {
  const h = Math.floor(minutes / 60)
  const m = Math.round(minutes % 60)
  if (lang === 'zh') return [h ? `${h} 小时` : '', m || !h ? `${m} 分钟` : ''].filter(Boolean).join(' ')
  return [h ? `${h} h` : '', m || !h ? `${m} min` : ''].filter(Boolean).join(' ')
}

// ago: 18 分钟, 2 小时, 3 天: the largest unit, rounded down.
export function ago(ms: number, lang: Lang): string {
  const m = Math.max(0, Math.floor(ms / 60_000))
  if (m < 60) return lang === 'zh' ? `${m} 分钟` : `${m} min`
  const h = Math.floor(m / 60)
  if (h < 48) return lang === 'zh' ? `${h} 小时` : `${h} h`
  const d = Math.floor(h / 24)
  return lang === 'zh' ? `${d} 天` : `${d} days`
}

// tally draws 6 as one full 正 and one stroke left over.
export const tally = (n: number) => ({ full: Math.floor(n / 5), rest: n % 5 })

// pieces: 2 袋; a unit that is itself a quantity gets a sign: 2 × 5 公斤.
export const pieces = (n: number, unit: string) => (/^\d/.test(unit) ? `${num(n)} × ${unit}` : `${num(n)} ${unit}`)

// readClock understands 930, 9:30, 09.30 and 9：30; '' is no time of day.
export function readClock(text: string): string {
  const m = /^(\d{1,2})[:.：]?(\d{2})$/.exec(text.trim()) ?? /^(\d{1,2})()$/.exec(text.trim())
  if (!m) return ''
  const h = Number(m[1])
  const min = Number(m[2] || 0)
  return h < 24 && min < 60 ? `${pad(h)}:${pad(min)}` : ''
}

// readDay understands 3-26, 3月26日, 0326, 20260326 and 2026-3-26, of this year
// when none is said; a month alone with 2026-3 or 202603. '' is no such day.
export function readDay(text: string, now: number, month = false): string {
  const parts = text.trim().replace(/[年月./]/g, '-').replace(/日/g, '').split('-').filter(Boolean)
  const run = parts.length === 1 ? parts[0] : ''
  const year = String(new Date(now).getFullYear())
  let all = parts
  if (month) all = /^\d{6}$/.test(run) ? [run.slice(0, 4), run.slice(4), '1'] : parts.length === 1 ? [year, run, '1'] : [...parts, '1']
  else if (/^\d{8}$/.test(run)) all = [run.slice(0, 4), run.slice(4, 6), run.slice(6)]
  else if (/^\d{4}$/.test(run)) all = [year, run.slice(0, 2), run.slice(2)]
  else if (parts.length === 2) all = [year, ...parts]
  if (all.length !== 3 || all.some((p) => !/^\d{1,4}$/.test(p))) return ''
  const [y, m, d] = all.map(Number)
  const date = new Date(y, m - 1, d)
  if (y < 1900 || date.getFullYear() !== y || date.getMonth() !== m - 1 || date.getDate() !== d) return ''
  return isoDay(date.getTime()).slice(0, month ? 7 : 10)
}

// localInput / fromInput: the text of a datetime-local field.
export const localInput = (at: number) => (at ? `${isoDay(at)}T${pad(new Date(at).getHours())}:${pad(new Date(at).getMinutes())}` : '')
export const fromInput = (text: string) => (text ? new Date(text).getTime() : 0)

/** The moment that a form's day stands for: now if it is today, else its noon. */
export const momentOf = (day: string, now: number) => (day === isoDay(now) ? now : fromInput(`${day}T12:00`))

// giga writes a size of a disk.
export const mega = (bytes: number) => `${Math.max(1, Math.round(bytes / 1e6))} MB`
export const giga = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`
