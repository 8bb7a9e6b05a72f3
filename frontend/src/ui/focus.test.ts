import { mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createPinia } from 'pinia'
import { i18n } from '@/i18n'
import FormField from './FormField.vue'

describe('a field that wants to be typed in first', () => {
  afterEach(() => { vi.useRealTimers(); document.body.innerHTML = '' })
  const field = () => mount(FormField, { props: { modelValue: '', label: 'name' }, attrs: { autofocus: '', 'data-test': 'mine' }, attachTo: document.body, global: { plugins: [createPinia(), i18n] } })
  it('is', () => {
    vi.useFakeTimers()
    const f = field()
    vi.advanceTimersByTime(50)
    expect(document.activeElement).toBe(f.find('input').element)
    f.unmount()
  })
  it('leaves whoever is in another one already', () => {
    vi.useFakeTimers()
    const other = document.body.appendChild(document.createElement('input'))
    const f = field()
    other.focus()
    vi.advanceTimersByTime(50)
    expect(document.activeElement).toBe(other)
    f.unmount()
  })
})
