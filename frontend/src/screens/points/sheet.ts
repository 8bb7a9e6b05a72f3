import { ref } from 'vue'
import type { Item } from '@/bridge/api'

// A rulebook on its way from the page that read it to the page that saves it.
export const draftFromSheet = ref<{ items: Item[]; levels: string; title?: string; source?: string } | null>(null)

// merged is the present rulebook with what a sheet brings: the same code is
// changed, a new one added at the end of its group. What is locked stays.
export function merged(now: Item[], brought: Item[]): Item[] {
  const out = now.map((i) => (i.locked ? i : (brought.find((b) => b.code === i.code) ?? i)))
  for (const b of brought) {
    if (out.some((i) => i.code === b.code)) continue
    const last = out.reduce((n, i, k) => (i.group === b.group ? k : n), out.length - 1)
    out.splice(last + 1, 0, b)
  }
  return out
}

// replaced is what a sheet brings, with the locked rules of the present one.
export function replaced(now: Item[], brought: Item[]): Item[] {
  const locked = now.filter((i) => i.locked)
  return [...locked, ...brought.filter((b) => !locked.some((i) => i.code === b.code))]
}
