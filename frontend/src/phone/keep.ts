// What the phone keeps. A browser that refuses storage works for this visit.
const memory: Record<string, string> = {}

export function keep(key: string, value: unknown): void {
  const text = JSON.stringify(value)
  memory[key] = text
  try {
    localStorage.setItem(`jishan.phone.${key}`, text)
  } catch {
    // private mode: memory serves until the page is closed
  }
}

export function kept<T>(key: string, fallback: T): T {
  try {
    const text = localStorage.getItem(`jishan.phone.${key}`) ?? memory[key]
    return text === undefined || text === null ? fallback : (JSON.parse(text) as T)
  } catch {
    return fallback
  }
}

// onceNumber makes the number by which a resend is recognised. There is no
// crypto.subtle over plain HTTP, but random values there are.
export function onceNumber(): string {
  const bytes = new Uint8Array(16)
  crypto.getRandomValues(bytes)
  let text = ''
  for (let i = 0; i < bytes.length; i++) text += (bytes[i] + 256).toString(16).slice(1)
  return text
}
