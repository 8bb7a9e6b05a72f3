// mask hides a name as the program does (people.Mask): the first sign and, of more
// than two, the last one; of a name with a dot the first one alone. Only for names
// that come without a masked form.
export function mask(name: string): string {
  const signs = [...name]
  const n = signs.length
  if (name.includes('·') || n < 2) return (signs[0] ?? '') + '*'.repeat(Math.max(0, Math.min(n - 1, 3)))
  if (n === 2) return `${signs[0]}*`
  return signs[0] + '*'.repeat(n <= 4 ? n - 2 : 3) + signs[n - 1]
}
