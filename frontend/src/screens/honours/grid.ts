// What a cell of the grid takes: nothing, or a whole number up to the item's most.
export function readScore(text: string, most: number): number | null {
  const s = text.trim().replace(/[０-９]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
  if (s === '') return -1
  if (!/^\d{1,4}$/.test(s) || Number(s) > most) return null
  return Number(s)
}

// pasted cuts a block from a spreadsheet into rows and cells.
export const pasted = (text: string): string[][] => text.replace(/\r/g, '').replace(/\n+$/, '').split('\n').map((line) => line.split('\t'))
