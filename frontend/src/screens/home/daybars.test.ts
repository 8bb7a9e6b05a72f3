import { mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { describe, expect, it } from 'vitest'
import type { Month } from '@/bridge/api'
import { i18n } from '@/i18n'
import DayBars from './DayBars.vue'

const APART = 12 // percent of the plot's height: a line of the smallest letters in the lowest plot

describe('the month by days', () => {
  it.each([[5, 200], [200, 5], [10, 10], [0, 95], [1239, 30], [3, 0], [40, 130]])('writes no label of its axis over another: %i awarded, %i redeemed', (awarded, redeemed) => {
    const month = { days: [{ day: 1, awarded, redeemed }] } as Month
    const bars = mount(DayBars, { props: { month, lastDay: 26 }, global: { plugins: [createPinia(), i18n] } })
    const at = bars.findAll('.y span').map((s) => parseFloat((s.element as HTMLElement).style.top)).sort((a, b) => a - b)
    expect(at.length).toBeGreaterThan(2)
    for (let i = 1; i < at.length; i++) expect(at[i] - at[i - 1]).toBeGreaterThan(APART)
  })
})
