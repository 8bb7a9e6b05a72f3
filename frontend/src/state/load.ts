import { onActivated, onBeforeUnmount, onDeactivated, onMounted, ref, shallowRef, type Ref } from 'vue'
import type { Topic } from '@/bridge/api'
import { onTopics } from '@/bridge'
import { CallFault, toFault } from '@/bridge/fault'

// A wait is shown only after this long; what is faster needs no notice.
export const SLOW_MS = 300

export interface Loaded<T> {
  data: Ref<T | null>; fault: Ref<CallFault | null>; busy: Ref<boolean>; slow: Ref<boolean>
  reload: () => Promise<void>
}

// useLoad asks on mounting, again when one of the topics changed, and on
// reload(). An answer that was overtaken by a later question is dropped. What
// was shown stays while it is asked again. Behind the lock nothing is asked, and all of it
// once when the screen is opened again.
export function useLoad<T>(ask: () => Promise<T>, topics: Topic[] = []): Loaded<T> {
  const data = shallowRef<T | null>(null)
  const fault = shallowRef<CallFault | null>(null)
  const busy = ref(false)
  const slow = ref(false)
  let turn = 0

  async function reload() {
    const mine = ++turn
    busy.value = true
    const timer = setTimeout(() => { if (mine === turn) slow.value = true }, SLOW_MS)
    try {
      const got = await ask()
      if (mine === turn) { data.value = got; fault.value = null }
    } catch (thrown) {
      if (mine === turn) fault.value = toFault(thrown)
    } finally {
      clearTimeout(timer)
      if (mine === turn) { busy.value = false; slow.value = false }
    }
  }
  let stop = () => {}
  let asleep = false
  onMounted(() => {
    stop = onTopics((changed) => { if (!asleep && changed.some((t) => topics.includes(t))) void reload() })
    void reload()
  })
  onDeactivated(() => { asleep = true })
  onActivated(() => { if (asleep) { asleep = false; void reload() } })
  onBeforeUnmount(() => { stop(); turn++ })
  return { data, fault, busy, slow, reload }
}

export interface Act { busy: Ref<boolean>; fault: Ref<CallFault | null>; run: <T>(deed: () => Promise<T>) => Promise<T | undefined> }

// useAct runs one command at a time: a second click while it runs is dropped,
// a refusal is kept for the screen to show.
export function useAct(): Act {
  const busy = ref(false)
  const fault = shallowRef<CallFault | null>(null)
  async function run<T>(deed: () => Promise<T>): Promise<T | undefined> {
    if (busy.value) return undefined
    busy.value = true
    fault.value = null
    try {
      return await deed()
    } catch (thrown) {
      fault.value = toFault(thrown)
      return undefined
    } finally {
      busy.value = false
    }
  }
  return { busy, fault, run }
}
