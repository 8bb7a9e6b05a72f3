import { nextTick, onMounted, ref, watch, type Ref } from 'vue'

// A poster is as large as one sheet of A4 holds; what is too long for the smallest letters
// goes on to another sheet. useFit picks the class of letters for a text.
const SIZES = ['large', '', 'small', 'less', 'twice', 'least'] as const
const A4 = 297 / 210 // height by width

export function useFit(sheet: Ref<HTMLElement | undefined>, text: () => unknown) {
  const size = ref<(typeof SIZES)[number]>('large')
  async function fit() {
    for (size.value of SIZES) {
      await nextTick()
      const box = sheet.value
      if (!box || box.offsetHeight <= box.offsetWidth * A4 + 1) return
    }
  }
  onMounted(fit)
  watch(text, fit)
  return size
}
