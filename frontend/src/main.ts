import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { connect } from './bridge'
import { i18n } from './i18n'
import { router } from './router'
import { useApp } from './state/app'
import './style/tokens.css'
import './style/base.css'
import './style/parts.css'
import './style/paper.css'

async function start() {
  // The pretended program exists in development only; a build drops this.
  if (import.meta.env.DEV && import.meta.env.VITE_MOCK) connect((await import('./bridge/mock')).mockBridge(location.search))
  else connect()
  const app = createApp(App)
  app.use(createPinia()).use(i18n)
  await useApp().start()
  app.use(router).mount('#app')
}
void start()
