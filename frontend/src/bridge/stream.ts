import type { Topic } from './api'

// lines reads a stream of text to its end, line by line.
export async function lines(from: ReadableStreamDefaultReader<Uint8Array>, hear: (line: string) => void): Promise<void> {
  const text = new TextDecoder()
  let rest = ''
  for (;;) {
    const { value, done } = await from.read()
    if (done) return
    const parts = (rest + text.decode(value, { stream: true })).split('\n')
    rest = parts.pop() ?? ''
    parts.forEach(hear)
  }
}

// topicsOf reads what an event says; null is a line that says nothing more than
// that the program is there. The unreadable changed nothing for certain.
export function topicsOf(line: string): Topic[] | null {
  if (!line.startsWith('data: {')) return null
  try {
    return (JSON.parse(line.slice('data: '.length)) as { topics?: Topic[] }).topics ?? []
  } catch {
    return []
  }
}
