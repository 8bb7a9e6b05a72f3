// What a form can say of an identity number and a name before anything is sent:
// the same rules as the program's (app/people/normal.go), which has the last word.
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]

// idReason is why an identity number can't be right, '' if it can; one of 15
// digits is of the old kind.
export function idReason(text: string): '' | 'length' | 'characters' | 'birthday' | 'checksum' {
  const id = text.replace(/\s/g, '').toUpperCase()
  if (!id || /^\d{15}$/.test(id)) return ''
  if (id.length !== 18) return 'length'
  if (!/^\d{17}[\dX]$/.test(id)) return 'characters'
  const [y, m, d] = [id.slice(6, 10), id.slice(10, 12), id.slice(12, 14)].map(Number)
  const day = new Date(y, m - 1, d)
  if (y < 1800 || day.getMonth() !== m - 1 || day.getDate() !== d) return 'birthday'
  const sum = WEIGHTS.reduce((n, w, i) => n + w * Number(id[i]), 0)
  return '10X98765432'[sum % 11] === id[17] ? '' : 'checksum'
}

// nameFits: letters of any script, rare ones without a number of their own as
// well, and the signs that names have.
export const nameFits = (text: string) => /^[\p{L}\p{Co}\p{Mn}·・•.\-' ()（）〇\s]*$/u.test(text)
