import { ref } from 'vue'
import type { Settings } from '@/bridge/api'

export type Theme = 'light' | 'dark' | 'contrast'
export const theme = ref<Theme>('light')
export const size = ref<number>(14)
const BASES: Record<string, number> = { station: 1.571, step: 1.286, till: 1.143 }
let wish: { theme: Settings['theme']; size: number } = { theme: 'light', size: 14 }
let place = ''

const night = typeof matchMedia === 'function' ? matchMedia('(prefers-color-scheme: dark)') : null
const plain = typeof matchMedia === 'function' ? matchMedia('(prefers-contrast: more)') : null

// dress puts theme and size onto the page. "auto" follows the computer.
export function dress(theme_: Settings['theme'], size_: number): void {
  wish = { theme: theme_, size: size_ }
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
  size.value = Math.round(wish.size * (BASES[place] ?? 1))
  const root = document.documentElement
  root.dataset.theme = theme.value
  root.dataset.size = String(wish.size)
  root.style.setProperty('--base', `${size.value}px`)
}
night?.addEventListener?.('change', apply)
plain?.addEventListener?.('change', apply)
