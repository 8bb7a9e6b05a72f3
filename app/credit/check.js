// Checks a credit certificate with nothing but this file: no network, no server.
// RFC 9285 (base45), RFC 8949 (CBOR), RFC 9052 (COSE_Sign1), RFC 8032 (Ed25519).
// Slow and plain on purpose: a clerk checks one paper at a time, and nothing of it
// is secret.
'use strict'

// ---- base45
const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'
function fromBase45(text) {
  const out = []
  for (let i = 0; i < text.length; i += 3) {
    const part = [...text.slice(i, i + 3)].map((c) => LETTERS.indexOf(c))
    if (part.includes(-1)) throw new Error('damaged')
    if (part.length === 1) throw new Error('cut')
    const n = part[0] + part[1] * 45 + (part[2] ?? 0) * 2025
    if (n > (part.length === 3 ? 65535 : 255)) throw new Error('damaged')
    if (part.length === 3) out.push(n >> 8)
    out.push(n & 255)
  }
  return Uint8Array.from(out)
}

// ---- CBOR: what a certificate is made of, numbers below 2^53
function decode(bytes) {
  let at = 0
  const take = (n) => {
    if (at + n > bytes.length) throw new Error('cut')
    return bytes.slice(at, (at += n))
  }
  function item() {
    const first = take(1)[0]
    const kind = first >> 5
    let n = first & 31
    if (n > 27) throw new Error('damaged')
    if (n > 23) n = Number(take(2 ** (n - 24)).reduce((sum, b) => sum * 256n + BigInt(b), 0n))
    if (kind === 0) return n
    if (kind === 1) return -1 - n
    if (kind === 2) return take(n)
    if (kind === 3) return new TextDecoder('utf-8', { fatal: true }).decode(take(n))
    if (kind === 4) return Array.from({ length: Math.min(n, 64) }, item)
    if (kind === 5 && n === 0) return {}
    throw new Error('damaged')
  }
  const value = item()
  if (at !== bytes.length) throw new Error('damaged')
  return value
}
function head(kind, n) {
  if (n < 24) return [kind * 32 + n]
  return n < 256 ? [kind * 32 + 24, n] : [kind * 32 + 25, n >> 8, n & 255]
}
const bytesItem = (b) => [...head(2, b.length), ...b]
// What was signed: the Sig_structure of RFC 9052, 4.4.
function signed(protectedHeader, payload) {
  const name = new TextEncoder()
  const context = name.encode('Signature1')
  return Uint8Array.from([...head(4, 4), ...head(3, context.length), ...context, ...bytesItem(protectedHeader), ...bytesItem(name.encode('jishan credit 1')), ...bytesItem(payload)])
}

// ---- SHA-512: its constants are the fractions of roots of primes
const MASK = (1n << 64n) - 1n
function root(n, k) {
  let low = 0n
  let high = 1n << 100n
  while (low < high) {
    const middle = (low + high + 1n) >> 1n
    if (middle ** k <= n) low = middle
    else high = middle - 1n
  }
  return low
}
const PRIMES = []
for (let n = 2; PRIMES.length < 80; n++) if (PRIMES.every((p) => n % p)) PRIMES.push(n)
const START = PRIMES.slice(0, 8).map((p) => root(BigInt(p) << 128n, 2n) & MASK)
const ROUND = PRIMES.map((p) => root(BigInt(p) << 192n, 3n) & MASK)
const turn = (x, n) => ((x >> n) | (x << (64n - n))) & MASK
function sha512(message) {
  const bits = BigInt(message.length) * 8n
  const padded = [...message, 128]
  while (padded.length % 128 !== 112) padded.push(0)
  for (let i = 15n; i >= 0n; i--) padded.push(Number((bits >> (i * 8n)) & 255n))
  const h = [...START]
  for (let at = 0; at < padded.length; at += 128) block(h, padded.slice(at, at + 128))
  return Uint8Array.from(h.flatMap((x) => Array.from({ length: 8 }, (_, i) => Number((x >> BigInt(56 - 8 * i)) & 255n))))
}
function block(h, bytes) {
  const w = Array.from({ length: 16 }, (_, i) => bytes.slice(i * 8, i * 8 + 8).reduce((sum, b) => sum * 256n + BigInt(b), 0n))
  for (let i = 16; i < 80; i++) {
    const s0 = turn(w[i - 15], 1n) ^ turn(w[i - 15], 8n) ^ (w[i - 15] >> 7n)
    const s1 = turn(w[i - 2], 19n) ^ turn(w[i - 2], 61n) ^ (w[i - 2] >> 6n)
    w.push((w[i - 16] + s0 + w[i - 7] + s1) & MASK)
  }
  let [a, b, c, d, e, f, g, k] = h
  for (let i = 0; i < 80; i++) {
    const one = k + (turn(e, 14n) ^ turn(e, 18n) ^ turn(e, 41n)) + ((e & f) ^ (~e & MASK & g)) + ROUND[i] + w[i]
    const two = (turn(a, 28n) ^ turn(a, 34n) ^ turn(a, 39n)) + ((a & b) ^ (a & c) ^ (b & c))
    ;[k, g, f, e, d, c, b, a] = [g, f, e, (d + one) & MASK, c, b, a, (one + two) & MASK]
  }
  ;[a, b, c, d, e, f, g, k].forEach((x, i) => { h[i] = (h[i] + x) & MASK })
}

// ---- Ed25519, verification only
const P = (1n << 255n) - 19n
const ORDER = (1n << 252n) + 27742317777372353535851937790883648493n
const mod = (x) => ((x % P) + P) % P
function power(x, n) {
  let out = 1n
  for (x = mod(x); n > 0n; n >>= 1n, x = (x * x) % P) if (n & 1n) out = (out * x) % P
  return out
}
const inverse = (x) => power(x, P - 2n)
const D = mod(-121665n * inverse(121666n))
const HALF = power(2n, (P - 1n) / 4n) // a root of -1
const little = (bytes) => bytes.reduceRight((sum, b) => sum * 256n + BigInt(b), 0n)
function point(bytes) {
  const n = little(bytes)
  const y = n & ((1n << 255n) - 1n)
  if (y >= P) throw new Error('forged')
  const square = mod((y * y - 1n) * inverse(D * y * y + 1n))
  let x = power(square, (P + 3n) / 8n)
  if (mod(x * x - square)) x = mod(x * HALF)
  if (mod(x * x - square)) throw new Error('forged')
  if ((x & 1n) !== n >> 255n) x = mod(-x)
  return [x, y, 1n, mod(x * y)]
}
function add([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = mod((y1 - x1) * (y2 - x2))
  const b = mod((y1 + x1) * (y2 + x2))
  const c = mod(2n * t1 * t2 * D)
  const d = mod(2n * z1 * z2)
  const [e, f, g, h] = [b - a, d - c, d + c, b + a]
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)]
}
function times(n, p) {
  let out = [0n, 1n, 1n, 0n]
  for (; n > 0n; n >>= 1n, p = add(p, p)) if (n & 1n) out = add(out, p)
  return out
}
function packed([x, y, z]) {
  const by = inverse(z)
  const n = mod(y * by) | ((mod(x * by) & 1n) << 255n)
  return Uint8Array.from({ length: 32 }, (_, i) => Number((n >> BigInt(8 * i)) & 255n))
}
const BASE = point(packed([0n, mod(4n * inverse(5n)), 1n]))
function verifies(key, message, signature) {
  const s = little(signature.slice(32))
  if (signature.length !== 64 || key.length !== 32 || s >= ORDER) return false
  const h = little(sha512(Uint8Array.from([...signature.slice(0, 32), ...key, ...message]))) % ORDER
  const [x, y, z, t] = point(key)
  const r = packed(add(times(s, BASE), times(h, [mod(-x), y, z, mod(-t)])))
  return r.every((b, i) => b === signature[i])
}

// ---- the certificate
const hex = (bytes) => [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('')
const LOWER32 = '0123456789abcdefghijklmnopqrstuv'
const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz'
// The 16 bytes of an id in letters: base32hex from the left, a ULID from the right.
function idText(bytes) {
  const bits = [...bytes].map((b) => b.toString(2).padStart(8, '0')).join('') + '00'
  return bits.match(/.{5}/g).map((five) => LOWER32[parseInt(five, 2)]).join('')
}
function ulidText(bytes) {
  const bits = '00' + [...bytes].map((b) => b.toString(2).padStart(8, '0')).join('')
  return bits.match(/.{5}/g).map((five) => CROCKFORD[parseInt(five, 2)]).join('')
}

// check tells what a certificate is worth: {fault} or what it says with its state.
function check(text, kit, now) {
  text = text.trim()
  if (!text.startsWith('JSC')) return { fault: 'bad' }
  if (/^JSC(?!1:)[1-9][0-9]{0,2}:/.test(text)) return { fault: 'newer' }
  if ('JSC1:'.startsWith(text)) return { fault: 'cut' }
  if (!text.startsWith('JSC1:')) return { fault: 'damaged' }
  try {
    const [header, , payload, signature] = decode(fromBase45(text.slice(5)))
    const body = decode(payload)
    if (body[0] !== 1) return { fault: body[0] > 1 ? 'newer' : 'damaged' }
    const [, community, place, line, version, name, idTail, points, basis, amount, made, until, signer] = body
    if (hex(header) !== 'a10127' || !verifies(signer, signed(header, payload), signature)) return { fault: 'forged' }
    const id = ulidText(line)
    const tail = id.slice(-8).toUpperCase()
    const out = { place, line: id, number: `${tail.slice(0, 4)}-${tail.slice(4)}`, version, name, idTail, points, basis, amount, made, until }
    if (idText(community) !== kit.community) return { fault: 'foreign', place }
    const by = kit.signers.find((s) => s.key === hex(signer))
    if (!by) return { fault: 'signer' }
    const gone = kit.ended.find((g) => g.line === id)
    return { ...out, by: by.name, state: gone ? gone.state : until < now ? 'expired' : 'force' }
  } catch (e) {
    return { fault: e.message === 'cut' || e.message === 'forged' ? e.message : 'damaged' }
  }
}
