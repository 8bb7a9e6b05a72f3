import { createApp } from 'vue'
import PhoneApp from './PhoneApp.vue'
import { pretend } from './call'
import { start } from './desk'
import { keep, kept } from './keep'
import { lang } from './words'
import '../style/tokens.css'
import '../style/base.css'
import './phone.css'

async function begin() {
  if (import.meta.env.DEV && import.meta.env.VITE_MOCK) {
    const mock = await import('./mock')
    pretend(mock.phoneMock(location.search))
  }
  const query = new URLSearchParams(location.search)
  lang.value = (query.get('lang') as 'zh' | 'en' | null) ?? kept<'zh' | 'en'>('lang', 'zh')
  const size = query.get('size') ?? String(kept('size', 16))
  document.documentElement.setAttribute('data-size', size)
  keep('size', Number(size))
  createApp(PhoneApp).mount('#phone')
  start()
}
void begin()
