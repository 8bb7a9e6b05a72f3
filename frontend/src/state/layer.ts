import { onBeforeUnmount, watch } from 'vue'
import { ask } from './said'
import { speak } from '@/i18n'

// What lies over the page: windows and the paper preview, the topmost last. Going back
// in the browser takes away the topmost, never the page beneath it.
export interface Layer { close: () => unknown }
const open: Layer[] = []

// useLayer makes a component's window one of them while it is shown.
export function useLayer(shown: () => boolean, close: () => unknown): void {
  const layer: Layer = { close }
  const drop = () => { const at = open.indexOf(layer); if (at >= 0) open.splice(at, 1) }
  watch(shown, (now) => { drop(); if (now) open.push(layer) }, { immediate: true })
  onBeforeUnmount(drop)
}

// closeTop says whether there was something over the page.
export function closeTop(): boolean {
  const top = open[open.length - 1]
  if (top) void top.close()
  return !!top
}

// mayLose asks before what was written and not kept is lost.
export async function mayLose(): Promise<boolean> {
  return ask({ title: speak('common.lose.title'), text: speak('common.lose.text'), yes: speak('common.lose.yes'), no: speak('common.lose.no') })
}

// Fields whose text costs somebody work; a PIN, a search and a choice do not.
const WRITTEN = 'textarea, input:not([type]), input[type=text], input[type=number], input[type=tel]'
type Field = HTMLInputElement | HTMLTextAreaElement

// typing watches the fields inside a window: left() says whether something that somebody
// typed still stands there. What the program filled in, and what was emptied after it
// was kept, is nobody's loss.
export function typing() {
  const before = new Map<Field, string>()
  const touched = new Set<Field>()
  const field = (e: Event) => (e.target instanceof Element && e.target.matches(WRITTEN) ? (e.target as Field) : null)
  return {
    focus(e: Event) { const f = field(e); if (f && !before.has(f)) before.set(f, f.value) },
    input(e: Event) { const f = field(e); if (f) touched.add(f) },
    left: () => [...touched].some((f) => f.isConnected && f.value.trim() !== '' && f.value !== before.get(f)),
  }
}
