import { wordOf } from './session'

// Imported before the router, which rewrites the address as soon as it is there.
export const word = wordOf(location, history)
