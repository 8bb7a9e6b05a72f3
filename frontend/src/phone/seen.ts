// What counts as shown: the page is in front, and all of an element, or as much of it
// as the window holds, stands inside the window at two looks in turn. Looked at by the
// clock, which old phones can do as well.
const LOOK_MS = 500
const MUCH = 0.75 // of the window: what is larger than that can't be seen at once

export function inSight(el: Element): boolean {
  if (document.hidden || !el.isConnected) return false
  const r = el.getBoundingClientRect()
  const high = window.innerHeight
  const seen = Math.min(r.bottom, high) - Math.max(r.top, 0)
  return r.height > 0 && seen >= Math.min(r.height, high * MUCH) - 1
}

// watchSeen calls done once for every element that was shown, by its data-seen.
export function watchSeen(elements: () => Element[], done: (ids: string[]) => void): () => void {
  let before: Element[] = []
  const told: string[] = []
  const timer = setInterval(() => {
    const now = elements().filter(inSight)
    const ids = now.filter((e) => before.includes(e)).map((e) => e.getAttribute('data-seen') ?? '').filter((id) => id && !told.includes(id))
    before = now
    if (!ids.length) return
    told.push(...ids)
    done(ids)
  }, LOOK_MS)
  return () => clearInterval(timer)
}
