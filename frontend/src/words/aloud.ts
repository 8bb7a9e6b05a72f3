import common from '@/i18n/zh/common'
import paper from '@/i18n/zh/paper'

// What a computer says aloud at the counter: always Mandarin, in the words of the
// receipt, with numbers written out so that every voice says them right. A name is
// never part of a sentence: everybody in the room can hear it.
const DIGITS = '零一二三四五六七八九'
const PLACES = ['', '十', '百', '千']
const MYRIADS = ['', '万', '亿']

// spoken writes a whole number as it is said: 12 is 十二, 2000 两千, 10050 一万零五十.
export function spoken(n: number): string {
  if (!Number.isSafeInteger(n) || Math.abs(n) >= 1e12) return String(n)
  if (n < 0) return `负${spoken(-n)}`
  if (n === 0) return DIGITS[0]
  if (n === 2) return '两' // counted, as in 两分
  const groups: number[] = []
  for (let rest = n; rest; rest = Math.floor(rest / 10_000)) groups.unshift(rest % 10_000)
  let out = ''
  for (const [at, group] of groups.entries()) {
    if (!group) continue
    const top = groups.length - 1 - at
    const gap = out && (group < 1000 || groups[at - 1] === 0) ? DIGITS[0] : ''
    out += gap + (group === 2 && top ? '两' : thousands(group)) + MYRIADS[top]
  }
  return out.startsWith('一十') ? out.slice(1) : out
}
function thousands(n: number): string {
  let out = ''
  let gap = false
  for (let place = 3; place >= 0; place--) {
    const d = Math.floor(n / 10 ** place) % 10
    if (!d) { gap = out !== ''; continue }
    out += (gap ? DIGITS[0] : '') + (d === 2 && place === 3 ? '两' : DIGITS[d]) + PLACES[place]
    gap = false
  }
  return out
}
const points = (n: number) => common.points.replace('{n}', spoken(n)).replace(/\s/g, '')

// left is what there is in all, null where this computer doesn't know it: then it
// says what can be redeemed here.
export const redeemedAloud = (total: number, here: number, left: number | null) =>
  `${paper.redeem}${points(total)}，${left === null ? `${common.here}${points(here)}` : `还有${points(left)}`}。`
export const backAloud = (total: number) => `退回${points(total)}。`
export const balanceAloud = (here: number | null, all: number | null) =>
  `${[here === null ? '' : common.here + points(here), all === null ? '' : common.spendable + points(all)].filter(Boolean).join('，')}。`
export const cameAloud = (out: boolean) => (out ? '签退好了。' : '签到好了。')
