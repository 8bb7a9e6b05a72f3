// The JavaScript Automerge as a second opinion. Reads one request a line from
// standard input, and writes one answer a line:
//
//   {chunks, file, actor, edits} -> {heads, registers, fileHeads, made, after, saved}
//
// chunks: the changes of a document in hexadecimal, in causal order
// file:   the same document as automerge-go saved it
// actor:  who makes the edits: [{time, message, ops: [{key, type?, value?}]}];
//         an operation without a type deletes
//
// heads, registers ({key: [[opid, type, value], ...]}, the shown one first):
// what the chunks come to; fileHeads: what the file comes to; made: the edits
// as changes; after: the registers with them; saved: the document, compact.
import * as A from '@automerge/automerge'
import { createInterface } from 'node:readline'

const hex = (bytes) => Buffer.from(bytes).toString('hex')
const unhex = (text) => new Uint8Array(Buffer.from(text, 'hex'))

// Values travel as strings, because JSON has neither bytes nor large numbers.
const write = {
  null: () => null,
  boolean: (text) => text === 'true',
  uint: (text) => new A.Uint(Number(text)),
  int: (text) => new A.Int(Number(text)),
  str: (text) => new A.ImmutableString(text),
  bytes: unhex,
  timestamp: (text) => new Date(Number(text)),
}

function read(type, value) {
  if (type === 'bytes') return hex(value)
  if (type === 'timestamp') return String(value.getTime())
  return String(value)
}

function registers(doc) {
  const all = {}
  for (const key of Object.keys(doc)) {
    const held = A.getBackend(doc).getAll('/', key).map(([type, value, id]) => [id, type, read(type, value)])
    held.reverse()
    const conflicts = A.getConflicts(doc, key)
    const ids = conflicts ? Object.keys(conflicts).sort() : held.map(([id]) => id)
    if (String(ids) !== String(held.map(([id]) => id).sort())) throw new Error(`getConflicts of ${key}: ${ids}`)
    all[key] = held
  }
  return all
}

function edit(doc, { time, message, ops }) {
  return A.change(doc, { time, message: message || undefined }, (d) => {
    for (const { key, type, value } of ops) {
      if (type) d[key] = write[type](value)
      else delete d[key]
    }
  })
}

function answer({ chunks, file, actor, edits }) {
  let [doc] = A.applyChanges(A.init({ actor }), chunks.map(unhex))
  const reply = { heads: A.getHeads(doc), registers: registers(doc), fileHeads: A.getHeads(A.load(unhex(file))), made: [] }
  for (const e of edits) {
    doc = edit(doc, e)
    reply.made.push(hex(A.getLastLocalChange(doc)))
  }
  reply.after = registers(doc)
  reply.saved = hex(A.save(doc))
  return reply
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(answer(JSON.parse(line))) + '\n')
}
