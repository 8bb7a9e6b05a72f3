import { ref } from 'vue'
import { keep, kept } from './keep'

// How large the letters of this phone are. From SENIOR on it is senior mode: no
// letter smaller than 18 pt, targets of 60 px (style/tokens.css).
export const SIZES = [16, 24, 30] as const
const SENIOR = 24
export const size = ref<number>(SIZES[0])

export function wear(px: number): void {
  // What was chosen before these sizes were: larger than the usual stays larger.
  size.value = (SIZES as readonly number[]).includes(px) ? px : px > SIZES[0] ? SENIOR : SIZES[0]
  const root = document.documentElement
  root.setAttribute('data-size', String(size.value))
  if (size.value >= SENIOR) root.setAttribute('data-senior', '')
  else root.removeAttribute('data-senior')
  keep('size', size.value)
}
export const remembered = () => kept<number>('size', SIZES[0])
export const after = (px: number) => SIZES[(SIZES.indexOf(px as (typeof SIZES)[number]) + 1) % SIZES.length]
