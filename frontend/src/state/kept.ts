import { ref, watch, type Ref } from 'vue'

// useKept is a ref that this computer remembers (columns, filters, switches).
// A browser that refuses storage just forgets.
export function useKept<T>(key: string, first: T): Ref<T> {
  const name = `jishan.${key}`
  const kept = ref(first) as Ref<T>
  try {
    const text = localStorage.getItem(name)
    if (text !== null) kept.value = JSON.parse(text) as T
  } catch {
    kept.value = first
  }
  watch(kept, (value) => {
    try {
      localStorage.setItem(name, JSON.stringify(value))
    } catch {
      // no storage: nothing to remember with
    }
  }, { deep: true })
  return kept
}
