import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { AppState, Settings } from '@/bridge/api'
import { ALL, announce, call, onLost, onTopics } from '@/bridge'
import { CallFault, toFault } from '@/bridge/fault'
import { i18n } from '@/i18n'
import type { Lang } from '@/words/format'
import { dress } from './look'

// What every screen needs to know about the program it belongs to.
const COALESCE_MS = 250
// How long the program may take to say how it stands; a frozen one never does.
const PATIENCE_MS = 5000

export const useApp = defineStore('app', () => {
  const state = ref<AppState | null>(null)
  const away = ref(false) // the program does not answer
  const closed = ref(false) // this browser was not let in: the code is asked for
  const shut = ref(false) // hidden here; the program may be open
  const locked = computed({ get: () => shut.value || !!state.value?.session?.locked, set: (on) => { shut.value = on } })
  const desk = ref(0) // another number is another page: nobody goes on with what somebody else was writing
  let sat = '' // who sat here when the screen was locked
  const fullNames = ref(false)
  // The program's clock counts, not the screen's: here it ticks on by itself.
  const drift = ref(0)
  const now = ref(Date.now())

  const lang = computed<Lang>(() => state.value?.settings.lang ?? (i18n.global.locale.value as Lang))
  const role = computed(() => state.value?.device?.role ?? 'office')
  const stationWord = computed(() => state.value?.settings.stationWord || (lang.value === 'zh' ? '实践站' : 'station'))

  async function load() {
    try {
      const got = await patiently(call('app.state', {}))
      if (!locked.value) sat = sitting()
      state.value = got
      // What the screens asked meanwhile was lost.
      if (away.value || closed.value) { away.value = closed.value = false; announce(ALL) }
      drift.value = state.value.clock - Date.now()
      tick()
      wear(state.value.settings)
    } catch (thrown) {
      const { code } = toFault(thrown)
      closed.value = code === 'web.closed'
      away.value = !closed.value && (!state.value || code === 'program.away')
    }
  }
  function patiently<T>(answer: Promise<T>): Promise<T> {
    let late: ReturnType<typeof setTimeout>
    const silence = new Promise<never>((_, reject) => { late = setTimeout(() => reject(new CallFault('program.away')), PATIENCE_MS) })
    return Promise.race([answer, silence]).finally(() => clearTimeout(late))
  }
  function wear(settings: Settings) {
    i18n.global.locale.value = settings.lang
    document.documentElement.lang = settings.lang === 'zh' ? 'zh-CN' : 'en'
    dress(settings.theme, settings.size, settings.senior)
  }
  async function save(change: Partial<Settings>) {
    const settings = await call('settings.save', change)
    if (state.value) state.value.settings = settings
    wear(settings)
  }
  async function operator(name: string) {
    await call('app.operator', { name })
    if (state.value) state.value.operator = name
  }
  // lock hides this screen, and closes the program where it opens by PIN.
  async function lock() {
    if (!locked.value) sat = sitting()
    shut.value = true
    fullNames.value = false
    if (!state.value?.session?.guarded) return
    try { await call('session.lock', {}) } catch { /* the screen is hidden all the same, and the program asks for a PIN by itself later */ }
    await load()
  }
  const sitting = () => state.value?.session?.id || state.value?.operator || ''
  // opened shows the screen again: as it was to whom it was, from anew to anybody else.
  function opened() {
    if (sat !== sitting()) desk.value++
    shut.value = false
    fullNames.value = false
  }
  // A hand on the screen keeps it open; the program is told now and then.
  const TOUCH_MS = 15_000
  let touched = Date.now()
  let told = 0
  function watchHands() {
    for (const what of ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart']) window.addEventListener(what, () => { touched = Date.now() }, { passive: true, capture: true })
    setInterval(() => {
      const idle = (state.value?.settings.idle ?? 0) * 60_000
      if (locked.value || state.value?.phase !== 'ready') return
      if (idle && Date.now() - touched >= idle) void lock()
      else if (state.value.session?.guarded && touched > told && Date.now() - told >= TOUCH_MS) { told = Date.now(); call('session.touch', {}).catch(() => {}) }
    }, 1000)
  }
  function tick() {
    now.value = Date.now() + drift.value
  }
  function start() {
    // Whatever changed may have changed what is only here; many changes are
    // one question.
    let soon: ReturnType<typeof setTimeout> | undefined
    onTopics(() => {
      clearTimeout(soon)
      soon = setTimeout(() => void load(), COALESCE_MS)
    })
    onLost(() => void load())
    setInterval(tick, 1000)
    watchHands()
    // While the program is away it is asked again; a page left open recovers.
    setInterval(() => { if (away.value) void load() }, 3000)
    return load()
  }
  // A person's name as this screen may show it.
  function nameOf(who: { name?: string; masked: string }) {
    return fullNames.value && who.name ? who.name : who.masked
  }
  return { state, away, closed, locked, lock, opened, desk, fullNames, now, lang, role, stationWord, load, save, operator, start, nameOf }
})
