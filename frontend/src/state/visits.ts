import { computed, ref } from 'vue'
import { ALL, announce, call } from '@/bridge'
import type { Visit } from '@/bridge/api'
import { at } from '@/bridge/visit'

// The communities of this computer, its own first. One is on the screen.
const list = ref<Visit[]>([])
const shut = ref<Visit[]>([]) // not open: a copy, or one that can't be read
const several = computed(() => list.value.length > 1)
const now = computed(() => list.value.find((v) => (v.home ? '' : v.id) === at.value))
const home = computed(() => list.value.find((v) => v.home))

export function useVisits() {
  async function load() {
    const { visits } = await call('visits.list', {})
    list.value = visits.filter((v) => !v.fault)
    shut.value = visits.filter((v) => v.fault)
  }
  // go puts another community on the screen; every screen asks anew.
  function go(id: string) {
    at.value = list.value.find((v) => v.id === id)?.home ? '' : id
    announce(ALL)
  }
  return { list, shut, several, now, home, at, load, go }
}
