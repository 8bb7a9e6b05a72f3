// base64 of bytes in pieces: one call with a whole workbook as arguments
// would overflow the stack.
const PIECE = 0x8000

export function base64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += PIECE) text += String.fromCharCode(...bytes.subarray(at, at + PIECE))
  return btoa(text)
}
