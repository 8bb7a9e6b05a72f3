// Makes a picture of a screen small: at most 256 colors, chosen by median cut, instead
// of a color for each pixel. Reads what Chromium writes (8 bits, RGB or RGBA, not
// interlaced) and nothing else.
import { deflateSync, inflateSync } from 'node:zlib'

const SIGN = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10])
const MOST = 256
const RGB = 2, RGBA = 6, PALETTE = 3
const KEEP = 0xfcfcfc // six bits a channel tell colors apart well enough

export function small(png) {
  const { width, height, pixels } = read(png)
  const exact = new Map(), counts = new Map(), like = new Map()
  for (const c of pixels) exact.set(c, (exact.get(c) ?? 0) + 1)
  for (const [c, n] of exact) {
    const k = c & KEEP
    counts.set(k, (counts.get(k) ?? 0) + n)
    if (!like.has(k) || n > exact.get(like.get(k))) like.set(k, c)
  }
  const { colors, at } = palette(counts, like)
  const rows = Buffer.alloc((width + 1) * height)
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = at.get(pixels[y * width + x] & KEEP)
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, PALETTE], 8)
  return Buffer.concat([SIGN, chunk('IHDR', head), chunk('PLTE', Buffer.from(colors.flat())), chunk('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })), chunk('IEND', Buffer.alloc(0))])
}

// of says what a file is: its size in pixels and whether it has a palette.
export function of(png) {
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20), palette: png[25] === PALETTE }
}

export function read(png) {
  if (!png.subarray(0, 8).equals(SIGN)) throw new Error('no PNG')
  const width = png.readUInt32BE(16), height = png.readUInt32BE(20), kind = png[25]
  if (png[24] !== 8 || ![RGB, RGBA].includes(kind) || png[28]) throw new Error('a PNG of another kind')
  const data = []
  for (let at = 8; at < png.length;) {
    const n = png.readUInt32BE(at)
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(png.subarray(at + 8, at + 8 + n))
    at += 12 + n
  }
  const step = kind === RGBA ? 4 : 3
  const line = width * step
  const raw = inflateSync(Buffer.concat(data))
  let above = new Uint8Array(line)
  const pixels = new Uint32Array(width * height)
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (line + 1)]
    const row = Uint8Array.from(raw.subarray(y * (line + 1) + 1, (y + 1) * (line + 1)))
    for (let x = 0; x < line; x++) {
      const left = x >= step ? row[x - step] : 0, up = above[x], corner = x >= step ? above[x - step] : 0
      row[x] += [0, left, up, (left + up) >> 1, filter === 4 ? paeth(left, up, corner) : 0][filter]
    }
    for (let x = 0; x < width; x++) pixels[y * width + x] = (row[x * step] << 16) | (row[x * step + 1] << 8) | row[x * step + 2]
    above = row
  }
  return { width, height, pixels }
}
function paeth(a, b, c) {
  const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)]
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c
}
const CRC = Uint32Array.from({ length: 256 }, (_, n) => { let c = n; for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1; return c })
const crc32 = (bytes) => (bytes.reduce((c, b) => CRC[(c ^ b) & 255] ^ (c >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0
function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data])
  const out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(data.length, 0)
  body.copy(out, 4)
  out.writeUInt32BE(crc32(body), body.length + 4)
  return out
}

// palette cuts the box of colors with the widest channel, weighed by its pixels, until
// there are enough; each box is drawn in the color that it holds most of.
function palette(counts, like) {
  const boxes = [[...counts.keys()]]
  const weight = (box) => box.reduce((sum, c) => sum + counts.get(c), 0)
  const widest = (box) => [16, 8, 0].map((s) => { let lo = 255, hi = 0; for (const c of box) { const v = (c >> s) & 255; lo = Math.min(lo, v); hi = Math.max(hi, v) } return [hi - lo, s] }).sort((a, b) => b[0] - a[0])[0]
  const worth = (box) => (box.length < 2 ? 0 : widest(box)[0] * Math.sqrt(weight(box)))
  const ranked = [[worth(boxes[0]), boxes[0]]]
  while (ranked.length < MOST) {
    ranked.sort((a, b) => b[0] - a[0])
    const [value, box] = ranked[0]
    if (!value) break
    const s = widest(box)[1]
    box.sort((a, b) => ((a >> s) & 255) - ((b >> s) & 255))
    const half = weight(box) / 2
    let n = 0, sum = 0
    while (n < box.length - 1 && (n === 0 || sum + counts.get(box[n]) <= half)) sum += counts.get(box[n++])
    const parts = [box.slice(0, n), box.slice(n)]
    ranked.splice(0, 1, ...parts.map((p) => [worth(p), p]))
  }
  const at = new Map()
  const colors = ranked.map(([, box], n) => {
    let most = box[0]
    for (const c of box) { at.set(c, n); if (counts.get(c) > counts.get(most)) most = c }
    return [16, 8, 0].map((s) => (like.get(most) >> s) & 255)
  })
  return { colors, at }
}
