// The session of this start of the program. It belongs to this address alone,
// port included, as no cookie would; a browser that keeps nothing has it until
// the page is closed.
const KEY = 'jishan.session'
let memory = ''

export function session(): string {
  try {
    return localStorage.getItem(KEY) ?? memory
  } catch {
    return memory
  }
}

export function keepSession(value: string): void {
  memory = value
  try {
    localStorage.setItem(KEY, value)
  } catch {
    // memory serves
  }
}

// wordOf takes the word of the printed link out of an address: it stands
// behind the #, where no browser sends it, and is gone before anything else
// looks at the address or remembers it.
export function wordOf(at: Location, history: History): string {
  const word = /^#open=([0-9a-f]+)$/.exec(at.hash)?.[1] ?? ''
  if (at.hash.startsWith('#open=')) history.replaceState(null, '', `${at.pathname}${at.search}#/`)
  return word
}
