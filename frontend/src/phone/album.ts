// Pictures of what is kept on the phone until the station is back: they are too large
// for where the words are kept. What a browser refuses to hold is said to the person.
export interface Shot { name: string; data: string } // base64 of a JPEG

// ALBUM is how many are kept: small ones, of four claims.
export const ALBUM = 12

export interface Album {
  put: (shots: Shot[]) => Promise<void>
  get: (names: string[]) => Promise<Shot[]>
  names: () => Promise<string[]>
  drop: (names: string[]) => Promise<void>
}

function wait<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('album'))
  })
}
async function store(mode: IDBTransactionMode): Promise<{ shots: IDBObjectStore; done: Promise<void> }> {
  const open = indexedDB.open('jishan.phone', 1)
  open.onupgradeneeded = () => { open.result.createObjectStore('shots', { keyPath: 'name' }) }
  const db = await wait(open)
  const tx = db.transaction('shots', mode)
  const done = new Promise<void>((resolve, reject) => {
    tx.oncomplete = () => { db.close(); resolve() }
    tx.onabort = () => { db.close(); reject(tx.error ?? new Error('album')) }
  })
  done.catch(() => {}) // who reads does not wait for it
  return { shots: tx.objectStore('shots'), done }
}
const inBrowser: Album = {
  async put(list) {
    const { shots, done } = await store('readwrite')
    for (const s of list) shots.put(s)
    await done
  },
  async get(names) {
    const { shots } = await store('readonly')
    const found = await Promise.all(names.map((n) => wait(shots.get(n) as IDBRequest<Shot | undefined>)))
    return found.filter((s): s is Shot => !!s)
  },
  async names() {
    const { shots } = await store('readonly')
    return (await wait(shots.getAllKeys())) as string[]
  },
  async drop(names) {
    const { shots, done } = await store('readwrite')
    for (const n of names) shots.delete(n)
    await done
  },
}
let album: Album = inBrowser
// another replaces the browser's own in tests.
export function another(own: Album): void { album = own }

// keepShots keeps all or none, and returns the names of those that are kept.
export async function keepShots(shots: Shot[]): Promise<string[]> {
  if (!shots.length) return []
  try {
    if ((await album.names()).length + shots.length > ALBUM) return []
    await album.put(shots.map(({ name, data }) => ({ name, data })))
    return shots.map((s) => s.name)
  } catch {
    return [] // no room, or a browser that keeps nothing
  }
}
export async function keptShots(names: string[]): Promise<Shot[]> {
  if (!names.length) return []
  return album.get(names).catch(() => [])
}
// dropShots forgets some, or all but some: a page that was closed in between leaves
// none behind.
export async function dropShots(names: string[]): Promise<void> {
  if (names.length) await album.drop(names).catch(() => {})
}
export async function keepOnly(names: string[]): Promise<void> {
  const all = await album.names().catch(() => [] as string[])
  await dropShots(all.filter((n) => !names.includes(n)))
}
