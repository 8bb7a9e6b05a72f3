// mask hides a name as the program does: the first sign, a star, the rest
// after the second sign. Only for names that come without a masked form.
export function mask(name: string): string {
  const signs = [...name]
  if (signs.length < 2) return name
  return signs.length === 2 ? `${signs[0]}*` : `${signs[0]}*${signs.slice(2).join('')}`
}
