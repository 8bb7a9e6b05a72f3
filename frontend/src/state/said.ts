import { reactive } from 'vue'
import type { Fault } from '@/bridge/api'
import { faultSentence } from '@/i18n/fault'
import { senior } from './look'

// Short notices over the top bar, and the one question asked before a deed
// that cannot simply be taken back.
export interface Said { id: number; kind: 'ok' | 'bad'; text: string; undo?: { label: string; run: () => void } }
export interface Question { title: string; text: string; yes: string; no?: string; answer: (yes: boolean) => void }

// A notice stays as long as a slow reader needs for its letters; what can be
// taken back, and what went wrong, also until it is reached. In senior mode the
// newest stands until it is closed or another comes.
const SHOWN_MS = 5000
const LONG_MS = 12_000
const READ_MS = 150 // per letter
// More than these would hang down over the page.
const MOST = 3
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
  said.list = [one, ...said.list.filter((s) => s.text !== one.text)].slice(0, senior.value ? 1 : MOST)
  if (!senior.value) setTimeout(() => unsay(one.id), Math.max(one.text.length * READ_MS, one.undo || one.kind === 'bad' ? LONG_MS : SHOWN_MS))
}

export function ask(question: Omit<Question, 'answer'>): Promise<boolean> {
  said.question?.answer(false)
  return new Promise((resolve) => {
    said.question = { ...question, answer: (yes) => { said.question = null; resolve(yes) } }
  })
}
