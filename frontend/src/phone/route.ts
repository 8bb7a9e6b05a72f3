import { ref } from 'vue'

// Addresses live behind the #, so one file serves them all:
// /, /activities, /a/<id>, /wishes, /w/<id>, /wish/<project>, /mall, /shops, /me, /claims, /claim, /deductions, /book, /household, /rounds, /card, /voucher, /ranking, /vote, /proposals, /board, /n/<id>, /checkin, /in/<code>.
export const path = ref(read())
function read(): string[] {
  return decodeURIComponent(location.hash.replace(/^#\/?/, '')).split('/').filter(Boolean)
}
window.addEventListener('hashchange', () => { path.value = read(); window.scrollTo(0, 0) })
export function go(to: string, replace = false): void {
  if (replace) location.replace(`#${to}`)
  else location.hash = to
}
