import { reactive } from 'vue'
import type { Fault } from '@/bridge/api'
import { faultSentence } from '@/i18n/fault'

// Short notices over the top bar, and the one question asked before a deed
// that cannot simply be taken back.
export interface Said { id: number; kind: 'ok' | 'bad'; text: string; undo?: { label: string; run: () => void } }
export interface Question { title: string; text: string; yes: string; no?: string; answer: (yes: boolean) => void }

const SHOWN_MS = 3500
// What can be taken back, and what went wrong, stays long enough to be read
// and reached.
const LONG_MS = 9000
let next = 1
export const said = reactive<{ list: Said[]; question: Question | null }>({ list: [], question: null })

export function say(text: string, undo?: Said['undo']): void {
  put({ id: next++, kind: 'ok', text, undo })
}
export function sayFault(fault: Fault): void {
  put({ id: next++, kind: 'bad', text: faultSentence(fault) })
}
export function unsay(id: number): void {
  said.list = said.list.filter((s) => s.id !== id)
}
function put(one: Said) {
  said.list = [one] // one at a time: they share one place
  setTimeout(() => unsay(one.id), one.undo || one.kind === 'bad' ? LONG_MS : SHOWN_MS)
}

export function ask(question: Omit<Question, 'answer'>): Promise<boolean> {
  said.question?.answer(false)
  return new Promise((resolve) => {
    said.question = { ...question, answer: (yes) => { said.question = null; resolve(yes) } }
  })
}
