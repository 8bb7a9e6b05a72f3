import { createI18n } from 'vue-i18n'
import en from './en'
import zh from './zh'

// Simplified Chinese leads; English stands beside it with the same keys (a
// test compares them). Sentences for refusals are under fault.<code>.
export const i18n = createI18n({
  legacy: false,
  locale: 'zh',
  fallbackLocale: 'zh',
  messages: { zh, en },
  missingWarn: false,
  fallbackWarn: false,
})

export type Speak = (key: string, values?: Record<string, unknown>) => string
export const speak: Speak = (key, values) => i18n.global.t(key, values ?? {})
export const hasWord = (key: string) => i18n.global.te(key) || i18n.global.te(key, 'zh')
