import { onActivated, onBeforeUnmount, onDeactivated, onMounted } from 'vue'

// useKeys hears the keyboard while its component is on the screen: a page that is kept
// behind the lock must not take what is typed there for its own.
export function useKeys(hear: (event: KeyboardEvent) => void, capture = false): void {
  const listen = () => window.addEventListener('keydown', hear, capture)
  const leave = () => window.removeEventListener('keydown', hear, capture)
  onMounted(listen)
  onActivated(listen)
  onDeactivated(leave)
  onBeforeUnmount(leave)
}
