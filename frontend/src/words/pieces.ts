import { base64 } from './base64'

// A large file goes in pieces, and never lies in memory whole. send gets each one
// with the name that the piece before was answered.
const PIECE = 8 << 20
export async function inPieces<R extends { upload: string }>(file: File, send: (piece: { file: string; upload: string; more: boolean }) => Promise<R>): Promise<R> {
  for (let at = 0, upload = ''; ; at += PIECE) {
    const bytes = new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer())
    const more = at + PIECE < file.size
    const got = await send({ file: base64(bytes), upload, more })
    if (!more) return got
    upload = got.upload
  }
}
