import { reactive } from 'vue'
import { ask } from './desk'

// Pictures of goods by their hash, as addresses for <img>. They come after what they
// belong to, a few at a time, and nothing waits for them; a page that is opened anew asks
// again, since the phone keeps none.
export const pictures = reactive<Record<string, string>>({})
const AT_ONCE = 8
const asked = new Set<string>()

export async function loadPictures(hashes: (string | undefined)[]): Promise<void> {
  const due = [...new Set(hashes)].filter((h): h is string => !!h && !asked.has(h))
  for (const h of due) asked.add(h)
  try {
    for (; due.length; due.splice(0, AT_ONCE)) {
      const got = await ask('phone.pictures', { hashes: due.slice(0, AT_ONCE) })
      for (const h of Object.keys(got.photos)) pictures[h] = `data:image/jpeg;base64,${got.photos[h]}`
      for (const h of due.slice(0, AT_ONCE)) if (!pictures[h]) asked.delete(h) // not at the station yet
    }
  } catch {
    for (const h of due) asked.delete(h) // the shelf is read without them
  }
}
