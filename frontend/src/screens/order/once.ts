// onceWord makes the word by which a repeated click is recognised.
export function onceWord(): string {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((b) => b.toString(16).padStart(2, '0')).join('')
}
