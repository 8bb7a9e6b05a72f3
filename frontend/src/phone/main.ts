import { createApp } from 'vue'
import PhoneApp from './PhoneApp.vue'
import { pretend } from './call'
import { start } from './desk'
import { kept } from './keep'
import { remembered, wear } from './size'
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
  wear(Number(query.get('size')) || remembered())
  createApp(PhoneApp).mount('#phone')
  start()
}
void begin()
