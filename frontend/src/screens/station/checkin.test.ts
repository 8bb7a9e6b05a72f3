import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { describe, expect, it } from 'vitest'
import { defineComponent, h } from 'vue'
import { connect } from '@/bridge'
import type { Topic } from '@/bridge/api'
import { mockBridge } from '@/bridge/mock'
import { activities } from '@/bridge/mock/world'
import { i18n } from '@/i18n'
import StationCheckin from './StationCheckin.vue'

// What comes while an answer is under way: a sign-up, and a moment later its place.
describe('the station\'s check-in', () => {
  it('shows the newest counts, however close two changes come', async () => {
    const mock = mockBridge('?role=station')
    let hear: (topics: Topic[]) => void = () => {}
    let confirmed = 0
    const held: (() => void)[] = []
    connect({
      ...mock,
      async call(name, body) {
        if (name === 'activity.list') return { total: 1, rows: [{ ...activities[0], id: 'a1', state: 'running' }] }
        const got = (await mock.call(name, body)) as Record<string, unknown>
        if (name !== 'activity.get') return got
        const answer = { ...got, confirmed }
        await new Promise<void>((go) => held.push(go))
        return answer
      },
      listen: (ear) => { hear = ear; return () => {} },
    })
    const list = defineComponent({ props: { a: { type: Object, required: true } }, render() { return h('b', String(this.a.confirmed)) } })
    const screen = mount(StationCheckin, { global: { plugins: [createPinia(), i18n], stubs: { AttendanceList: list, ScanCard: true, PersonPick: true, RouterLink: true } } })
    const answer = async () => { await flushPromises(); held.splice(0).forEach((go) => go()); await flushPromises() }
    await answer()
    await answer()
    expect(screen.find('b').text()).toBe('0')
    hear(['activity'])
    await flushPromises() // it is asked, and the answer is not here yet
    confirmed = 1
    hear(['activity'])
    await answer()
    await answer()
    expect(screen.find('b').text()).toBe('1')
    screen.unmount()
  })
})
