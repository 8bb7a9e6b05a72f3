// What senior mode promises, measured on the page as it stands: letters of 24 px
// (18 pt) at least, targets of 60 x 60 px, text 4.5 : 1 against what is behind it
// in every theme, nothing to scroll sideways. It returns what does not hold.
const LEAST_PX = 24
const TARGET_PX = 60
const CONTRAST = 4.5
// The computer's wishes that a screen with the theme "auto" follows; phone pages have one theme.
const THEMES = { light: { colorScheme: 'light', contrast: 'no-preference' }, dark: { colorScheme: 'dark', contrast: 'no-preference' }, contrast: { colorScheme: 'light', contrast: 'more' } }

export async function shortcomings(page) {
  const out = await page.evaluate(measure, { letters: LEAST_PX, target: TARGET_PX, contrast: 0 })
  for (const [theme, media] of Object.entries(THEMES)) {
    await page.emulateMedia(media)
    await page.waitForFunction((to) => document.querySelector('#phone') || document.documentElement.dataset.theme === to, theme, { timeout: 5000 })
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
    const said = await page.evaluate(measure, { letters: 0, target: 0, contrast: CONTRAST })
    out.push(...said.map((s) => `${theme}: ${s}`))
  }
  await page.emulateMedia(THEMES.light)
  return [...new Set(out)]
}

// measure runs in the page.
function measure({ letters, target, contrast }) {
  const out = []
  const still = document.createElement('style')
  still.textContent = '*, *::before, *::after { transition: none !important; animation: none !important; }'
  document.head.append(still)
  const shown = (e) => e.checkVisibility({ checkVisibilityCSS: true }) && !e.closest('[aria-hidden=true]:not(svg)')
  const named = (e) => `${e.tagName.toLowerCase()}${e.dataset.test ? `[${e.dataset.test}]` : e.className && typeof e.className === 'string' ? `.${e.className.trim().replace(/\s+/g, '.')}` : ''} "${(e.innerText || e.value || e.placeholder || e.getAttribute('aria-label') || '').trim().replace(/\s+/g, ' ').slice(0, 24)}"`

  if (target) {
    for (const e of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=radio], [role=tab], [tabindex]:not([tabindex="-1"])')) {
      const on = e.closest('label') ?? e
      if (!shown(on)) continue
      const box = on.getBoundingClientRect()
      if (box.width < target - 0.5 || box.height < target - 0.5) out.push(`target ${Math.round(box.width)}x${Math.round(box.height)}: ${named(e)}`)
    }
    const root = document.scrollingElement
    if (root.scrollWidth > window.innerWidth + 1) out.push(`the page is ${root.scrollWidth} wide, the window ${window.innerWidth}`)
    for (const e of document.querySelectorAll('body *')) {
      if (shown(e) && e.scrollWidth > e.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(e).overflowX) && e.clientWidth) out.push(`scrolls sideways, ${e.scrollWidth} in ${e.clientWidth}: ${named(e)}`)
    }
  }

  // color as [r, g, b, a], whatever way the style writes it
  const pen = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true })
  const known = new Map()
  const rgba = (text) => {
    if (!known.has(text)) {
      pen.clearRect(0, 0, 1, 1)
      pen.fillStyle = text
      pen.fillRect(0, 0, 1, 1)
      const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data
      known.set(text, [r, g, b, a / 255])
    }
    return known.get(text)
  }
  const over = (top, below, opacity = 1) => { const a = top[3] * opacity; return [0, 1, 2].map((n) => top[n] * a + below[n] * (1 - a)).concat(1) }
  const line = (e) => { const up = []; for (let n = e; n; n = n.parentElement) up.unshift(n); return up }
  const behind = (e) => line(e).reduce((below, n) => over(rgba(getComputedStyle(n).backgroundColor), below), [255, 255, 255, 1])
  const faint = (e) => line(e).reduce((all, n) => all * Number(getComputedStyle(n).opacity), 1)
  const light = (c) => [0.2126, 0.7152, 0.0722].reduce((sum, k, n) => { const v = c[n] / 255; return sum + k * (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4) }, 0)
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05) }
  const judge = (e, style, what) => {
    if (letters && parseFloat(style.fontSize) < letters - 0.01) out.push(`letters of ${parseFloat(style.fontSize).toFixed(1)} px: ${what}`)
    if (!contrast) return
    const ground = behind(e)
    const c = ratio(over(rgba(style.color), ground, faint(e)), ground)
    if (c < contrast) out.push(`contrast ${c.toFixed(2)}: ${what}`)
  }
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let n = walk.nextNode(); n; n = walk.nextNode()) {
    const e = n.parentElement
    if (!n.data.trim() || !e || /^(SCRIPT|STYLE|OPTION|OPTGROUP|NOSCRIPT)$/.test(e.tagName) || !shown(e) || e.closest('.hide, [aria-hidden=true]')) continue
    const where = document.createRange()
    where.selectNodeContents(n)
    const box = where.getBoundingClientRect()
    if (box.width < 1) continue
    if (target && (box.right > window.innerWidth + 1 || box.left < -1)) out.push(`stands outside the window: "${n.data.trim().slice(0, 24)}"`)
    judge(e, getComputedStyle(e), `"${n.data.trim().slice(0, 24)}" in ${named(e)}`)
  }
  for (const e of document.querySelectorAll('input:not([type=checkbox]):not([type=radio]):not([type=file]), textarea, select')) {
    if (shown(e)) judge(e, e.value || e.tagName === 'SELECT' || e.type === 'date' ? getComputedStyle(e) : { fontSize: getComputedStyle(e, '::placeholder').fontSize, color: getComputedStyle(e, '::placeholder').color }, named(e))
  }
  still.remove()
  return out
}
