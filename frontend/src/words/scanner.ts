// A scanner gun is a keyboard that types very fast and ends with Enter.
// Hands never type a whole code with nearly every key under this distance
// apart.
export const GUN_KEY_MS = 50
// A radio gun may pause now and then; beyond this the text before was typed.
export const GUN_PAUSE_MS = 250
// One key in so many may come late and it is still a gun.
const GUN_LATE_SHARE = 4
// Shorter than any code of ours; a fast double key is no scan.
export const GUN_MIN_KEYS = 4

export interface KeyLike { key: string; isComposing?: boolean; keyCode?: number; ctrlKey?: boolean; altKey?: boolean; metaKey?: boolean }

// GunReader tells a scan from typing. Feed it every key with its time; it
// returns the scanned text on the Enter that ends a scan, else ''. Keys that
// an input method swallowed (229, isComposing) never belong to a scan.
export class GunReader {
  private text = ''
  private last = 0
  private late = 0

  feed(event: KeyLike, at: number): string {
    if (event.isComposing || event.keyCode === 229) { this.reset(); return '' }
    if (event.ctrlKey || event.altKey || event.metaKey) { this.reset(); return '' }
    if (event.key === 'Enter') {
      const scan = this.typing && at - this.last <= GUN_PAUSE_MS ? this.text : ''
      this.reset()
      return scan
    }
    if (event.key.length !== 1) return '' // Shift and the like come with capitals
    const gap = this.text === '' ? 0 : at - this.last
    if (gap > GUN_PAUSE_MS) { this.text = ''; this.late = 0 } else if (gap > GUN_KEY_MS) this.late++
    this.text += event.key
    this.last = at
    return ''
  }

  // typing is true while keys come at a gun's pace.
  get typing(): boolean { return this.text.length >= GUN_MIN_KEYS && this.late * GUN_LATE_SHARE <= this.text.length }

  reset(): void { this.text = ''; this.last = 0; this.late = 0 }
}

// tidy makes one text of what a gun or a hand gave: full-width digits and
// letters (the input method was on) become ASCII, blanks of a card code go.
export function tidy(text: string): string {
  const plain = text.replace(/[\uFF01-\uFF5E]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/\u3000/g, ' ').trim()
  return /^[0-9 ]+$/.test(plain) ? plain.replace(/ /g, '') : plain
}
