import { ref } from 'vue'

// A merchant's computer may belong to several communities. Calls go to the one that
// is on the screen: they carry its id as "visit", none for the computer's own.
export const at = ref('')

// What a computer does as a whole is asked of its own community: who sits here, how
// the screens look, which communities it is in.
const WHOLE = /^(visits|setup|session|settings|operators)\.|^app\.operator$/

export function located(name: string, body: unknown): unknown {
  return at.value && !WHOLE.test(name) ? { ...(body as object), visit: at.value } : body
}

export function locatedFile(query: Record<string, string>): Record<string, string> {
  return at.value ? { ...query, visit: at.value } : query
}
