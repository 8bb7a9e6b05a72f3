import { word } from './bridge/word' // first: see there
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { connect, enter } from './bridge'
import { i18n } from './i18n'
import { router } from './router'
import { useApp } from './state/app'
import './style/tokens.css'
import './style/base.css'
import './style/parts.css'
import './style/senior.css'
import './style/paper.css'

async function start() {
  // The pretended program exists in development only; a build drops this.
  if (import.meta.env.DEV && import.meta.env.VITE_MOCK) connect((await import('./bridge/mock')).mockBridge(location.search))
  else connect()
  // A word that was used before opens nothing; a session from then may still hold.
  if (word) await enter({ word }).catch(() => {})
  const app = createApp(App)
  app.use(createPinia()).use(i18n)
  await useApp().start()
  app.use(router).mount('#app')
}
void start()
