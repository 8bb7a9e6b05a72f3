import { reactive, ref } from 'vue'
import type { Settings } from '@/bridge/api'

export type Theme = 'light' | 'dark' | 'contrast'
export const theme = ref<Theme>('light')
export const size = ref<number>(14)
// Senior mode is worn at the counters: till, station and merchant. An office's own
// pages are a clerk's; their letters follow the size alone.
export const senior = ref(false)
const SENIOR_PX = 24 // 18 pt, the least of the national norm for elders
// Whether few letters fit beside each other, for words that CSS can't shorten.
export const room = reactive({ narrow: false })
const BASES: Record<string, number> = { station: 1.571, step: 1.286, till: 1.143 }
// How many letters wide the window is decides what stands side by side:
// <html data-room> names every bound the window stays under; "low" and
// "flat" are those of its height.
const ROOMS: [name: string, rem: number][] = [['snug', 84], ['narrow', 64], ['tight', 50], ['hand', 34]]
// Fewer lines than these and what stays put takes up the room of what is read:
// first a panel's buttons, then the drawings in the list of pages.
const HEIGHTS: typeof ROOMS = [['low', 38], ['flat', 34]]
const LEAST_REM = { width: 45, height: 30 }
let wish: { theme: Settings['theme']; size: number; senior: boolean } = { theme: 'light', size: 14, senior: false }
let place = ''

const night = typeof matchMedia === 'function' ? matchMedia('(prefers-color-scheme: dark)') : null
const plain = typeof matchMedia === 'function' ? matchMedia('(prefers-contrast: more)') : null

// dress puts theme, size and senior mode onto the page. "auto" follows the computer.
export function dress(theme_: Settings['theme'], size_: number, senior_: boolean): void {
  wish = { theme: theme_, size: size_, senior: senior_ }
  apply()
}

// stand says which work place is open: the station's letters are larger than
// the office's at the same setting, the till's a little.
export function stand(where: '' | 'station' | 'step' | 'till'): void {
  place = where
  apply()
}

function apply() {
  const auto: Theme = plain?.matches ? 'contrast' : night?.matches ? 'dark' : 'light'
  theme.value = wish.theme === 'auto' ? auto : wish.theme
  senior.value = wish.senior && place !== ''
  size.value = senior.value ? Math.max(SENIOR_PX, base()) : base()
  const root = document.documentElement
  root.dataset.theme = theme.value
  root.dataset.size = String(wish.size)
  root.toggleAttribute('data-senior', senior.value)
  const below = (bounds: typeof ROOMS, px: number) => bounds.filter(([, rem]) => px / size.value < rem).map(([name]) => name)
  const rooms = [...below(ROOMS, window.innerWidth), ...below(HEIGHTS, window.innerHeight)]
  root.dataset.room = rooms.join(' ')
  room.narrow = rooms.includes('narrow')
  root.style.setProperty('--base', `${size.value}px`)
}

// A work place enlarges the wished size only as far as the window holds its
// screen; the wish itself always stands.
function base(): number {
  const holds = Math.min(window.innerWidth / LEAST_REM.width, window.innerHeight / LEAST_REM.height)
  return Math.round(Math.max(wish.size, Math.min(wish.size * (BASES[place] ?? 1), holds)))
}
window.addEventListener?.('resize', apply)
night?.addEventListener?.('change', apply)
plain?.addEventListener?.('change', apply)
