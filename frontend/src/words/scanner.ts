// A scanner gun is a keyboard that types very fast and ends with Enter.
// Hands never type a whole code with every key under this distance apart.
export const GUN_KEY_MS = 50
// Shorter than any code of ours; a fast double key is no scan.
export const GUN_MIN_KEYS = 4

export interface KeyLike { key: string; isComposing?: boolean; keyCode?: number; ctrlKey?: boolean; altKey?: boolean; metaKey?: boolean }

// GunReader tells a scan from typing. Feed it every key with its time; it
// returns the scanned text on the Enter that ends a scan, else ''. Keys that
// an input method swallowed (229, isComposing) never belong to a scan.
export class GunReader {
  private text = ''
  private last = 0
  private gun = true

  feed(event: KeyLike, at: number): string {
    if (event.isComposing || event.keyCode === 229) { this.reset(); return '' }
    if (event.ctrlKey || event.altKey || event.metaKey) { this.reset(); return '' }
    if (event.key === 'Enter') {
      const scan = this.gun && this.text.length >= GUN_MIN_KEYS && at - this.last <= GUN_KEY_MS * 2 ? this.text : ''
      this.reset()
      return scan
    }
    if (event.key.length !== 1) return '' // Shift and the like come with capitals
    const slow = this.text !== '' && at - this.last > GUN_KEY_MS
    if (slow) { this.text = ''; this.gun = true }
    this.text += event.key
    this.last = at
    return ''
  }

  // typing is true while keys come at a gun's pace.
  get typing(): boolean { return this.text.length >= GUN_MIN_KEYS }

  reset(): void { this.text = ''; this.last = 0; this.gun = true }
}

// tidy makes one text of what a gun or a hand gave: full-width digits and
// letters (the input method was on) become ASCII, blanks of a card code go.
export function tidy(text: string): string {
  const plain = text.replace(/[\uFF01-\uFF5E]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/\u3000/g, ' ').trim()
  return /^[0-9 ]+$/.test(plain) ? plain.replace(/ /g, '') : plain
}
