import type { Speak } from '@/i18n'

// What somebody typed about a person is sealed with the person's key. The program
// answers one of these where it can't open it.
const WORDS: Record<string, string> = { '@erased': 'common.erased', '@unread': 'common.unread' }

// isSealed tells whether a text stands for one that can't be read.
export const isSealed = (text: string | undefined) => text !== undefined && Object.hasOwn(WORDS, text)

// unsealed is a text as a screen shows it: the word for one that was erased with the
// person, or whose key is not here yet.
export const unsealed = (text: string, t: Speak) => (isSealed(text) ? t(WORDS[text] as string) : text)
