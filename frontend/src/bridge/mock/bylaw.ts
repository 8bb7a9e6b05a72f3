import type { Bylaw, Calls } from '../api'
import { DAY, startOfDay } from '@/words/format'
import zh from '@/i18n/zh/bylaw'
import type { Wish } from './calls'
import { NOW, at } from './world'

type Names = Extract<keyof Calls, `bylaw.${string}`>

// RULES are what the pretended community has written.
export const RULES: Bylaw = { text: zh.draft, least: 20, from: at(1, 0, 0), made: at(1, 0, 0) - 3 * DAY, state: 'force' }

export function bylawCalls(wish: Wish): Pick<{ [K in keyof Calls]: (p: Calls[K][0]) => Calls[K][1] }, Names> {
  const today = startOfDay(NOW)
  let list: Bylaw[] = wish.empty ? [] : [
    { ...RULES, least: 30, from: today + 6 * DAY, made: NOW - DAY, state: 'ahead' }, RULES, { ...RULES, least: 0, from: today - 400 * DAY, made: today - 400 * DAY, state: 'past' },
  ]
  const reply = () => ({ now: list.find((r) => r.state === 'force') ?? { text: '', least: 0, from: 0, made: 0, state: 'force' as const }, versions: list, maxText: 3000, maxLeast: 1_000_000 })
  return {
    'bylaw.get': reply,
    'bylaw.save': (r) => {
      const ahead = r.from > NOW
      list = [{ ...r, made: NOW, state: ahead ? 'ahead' as const : 'force' as const }, ...list.map((x) => (!ahead && x.state === 'force' ? { ...x, state: 'past' as const } : x))].sort((a, b) => b.from - a.from || b.made - a.made)
      return reply()
    },
  }
}
