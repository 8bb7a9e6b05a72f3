import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { nextTick } from 'vue'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { i18n } from '@/i18n'
import { closeTop } from '@/state/layer'
import { said } from '@/state/said'
import Dialog from './Dialog.vue'
import FormField from './FormField.vue'

// A window with a text, a PIN and a search, as they stand in forms.
const shown = (more = {}) => mount(Dialog, { props: { show: true, title: 'x', ...more }, slots: { default: '<input id="text"><input id="pin" type="password"><textarea id="old">filled in</textarea>' }, attachTo: document.body, global: { plugins: [createPinia(), i18n] } })
function type(id: string, text: string) {
  const f = document.getElementById(id) as HTMLInputElement
  f.dispatchEvent(new FocusEvent('focusin', { bubbles: true }))
  f.value = text
  f.dispatchEvent(new Event('input', { bubbles: true }))
}
const settle = () => new Promise((done) => setTimeout(done))

describe('a window over the page', () => {
  let w: ReturnType<typeof shown>
  beforeEach(() => { setActivePinia(createPinia()) })
  afterEach(() => { w.unmount(); said.question?.answer(false); document.body.innerHTML = '' })
  const cross = async () => { document.querySelector<HTMLElement>('[data-test=dialog-close]')!.click(); await settle() }

  it('closes at once where nothing was typed, and for a PIN', async () => {
    w = shown()
    await nextTick()
    await cross()
    type('pin', '1234')
    await cross()
    expect(w.emitted('close')).toHaveLength(2)
    expect(said.question).toBeNull()
  })
  it('asks before typed text is lost, and keeps it where the answer is no', async () => {
    w = shown()
    await nextTick()
    type('text', '楼道清扫')
    await cross()
    expect(w.emitted('close')).toBeUndefined()
    said.question!.answer(false)
    await settle()
    expect(w.emitted('close')).toBeUndefined()
    await cross()
    said.question!.answer(true)
    await settle()
    expect(w.emitted('close')).toHaveLength(1)
  })
  it('asks nothing where the text stands as before, is gone, or is not to be kept', async () => {
    w = shown()
    await nextTick()
    type('old', 'filled in')
    type('text', 'a')
    type('text', '')
    await cross()
    expect(w.emitted('close')).toHaveLength(1)
    w.unmount()
    document.body.innerHTML = ''
    w = shown({ loose: true })
    await nextTick()
    type('text', 'a')
    await cross()
    expect(w.emitted('close')).toHaveLength(1)
  })
  it('is what going back closes, as long as it is there', async () => {
    w = shown()
    expect(closeTop()).toBe(true)
    await settle()
    expect(w.emitted('close')).toHaveLength(1)
    await w.setProps({ show: false })
    expect(closeTop()).toBe(false)
  })
})

describe('a number field', () => {
  const says = (attrs: object) => { const f = mount(FormField, { props: { label: 'n', type: 'number', modelValue: 1, ...attrs }, global: { plugins: [createPinia(), i18n] } }); const text = f.find('.wrong').exists() ? f.find('.wrong').text() : ''; f.unmount(); return text }
  it('says in words what the browser would say in a bubble', () => {
    expect(says({ modelValue: 1.5 })).toContain('整数')
    expect(says({ modelValue: -1, min: '0' })).toBe('至少 0')
    expect(says({ modelValue: 61, max: '60' })).toBe('最多 60')
    expect(says({ modelValue: 1.5, step: '0.01' })).toBe('')
    expect(says({ modelValue: 5, min: '0', max: '60' })).toBe('')
  })
})
