import { onBeforeUnmount, ref, type Ref } from 'vue'

// useWide tells whether the window has room for a third column.
export const WIDE_PX = 1600

export function useWide(): Ref<boolean> {
  const query = typeof matchMedia === 'function' ? matchMedia(`(min-width: ${WIDE_PX}px)`) : null
  const wide = ref(query?.matches ?? false)
  const hear = () => { wide.value = query?.matches ?? false }
  query?.addEventListener?.('change', hear)
  onBeforeUnmount(() => query?.removeEventListener?.('change', hear))
  return wide
}
