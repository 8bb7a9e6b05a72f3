import { call } from '@/bridge'

// Pictures of goods that were looked at, by hash: what has one hash never changes.
const MOST = 300
const seen = new Map<string, string>()
const asked = new Map<string, Promise<string>>()

// pictureOf is a picture as an address for <img>; '' for none, and while no device in
// reach has it: nothing waits for a picture.
export async function pictureOf(hash: string): Promise<string> {
  if (!hash || seen.has(hash)) return seen.get(hash) ?? ''
  let ask = asked.get(hash)
  if (!ask) {
    ask = call('shop.picture', { hash }).then((got) => `data:image/jpeg;base64,${got.jpeg}`, () => '')
    asked.set(hash, ask)
  }
  const url = await ask
  asked.delete(hash)
  if (url) {
    if (seen.size >= MOST) seen.delete(seen.keys().next().value!)
    seen.set(hash, url)
  }
  return url
}
