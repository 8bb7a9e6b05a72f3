import type { Fault } from './api'

// CallFault is what a refused call rejects with, whichever way it went.
export class CallFault extends Error implements Fault {
  constructor(readonly code: string, readonly params: Record<string, unknown> = {}) {
    super(code)
  }
}

// toFault reads whatever a bridge threw. Text that is no fault becomes
// "internal"; a network failure becomes "program.away": the screens say that
// what was shown is safe and that the program is being looked for.
export function toFault(thrown: unknown): CallFault {
  if (thrown instanceof CallFault) return thrown
  if (thrown instanceof TypeError) return new CallFault('program.away')
  const text = thrown instanceof Error ? thrown.message : typeof thrown === 'string' ? thrown : JSON.stringify(thrown ?? '')
  return fromText(text)
}

// fromText reads {"code": ..., "params": ...}.
export function fromText(text: string): CallFault {
  try {
    const got = JSON.parse(text) as Partial<Fault>
    if (got && typeof got.code === 'string') return new CallFault(got.code, got.params ?? {})
  } catch {
    // not ours: an unreadable answer is an internal fault
  }
  return new CallFault('internal')
}
