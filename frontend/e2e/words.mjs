// What no screen may show: keys instead of words, holes that were not filled,
// values that slipped through, and in English anything Chinese that is no data.

// A whole key: two or more lower-case parts with dots between them. Names of
// files and addresses look alike and are let through.
const KEY = /(?<![\w./@:-])[a-z][a-zA-Z]*(?:\.[a-z][a-zA-Z_]*){1,4}(?![\w./@:-])/g
const NO_KEY = /\.(xlsx|jsb|com|cn|org)$/
const SLIPS = [/\bundefined\b/, /\bNaN\b/, /\[object \w+\]/, /Invalid Date/, /\{\w+\}/, /(?<![\w-])null(?![\w-])/]
const CHINESE = /[\u4e00-\u9fff]+/g
// Chinese that belongs to the English screens, and why.
const OWN_NAMES = new Set([
  '简体中文', '中文', // a language is named in itself, for those who can read nothing else
  '积善', // the product's name
  '善', // the seal
  '字', // drawn small and large: the sign for the size of letters
])

// visibleTexts lists what is to be read on a page: text, placeholders, titles, labels.
export function visibleTexts(page) {
  return page.evaluate(() => {
    const out = []
    const seen = (e) => e.checkVisibility?.({ checkVisibilityCSS: true }) ?? true
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let n = walk.nextNode(); n; n = walk.nextNode()) {
      const box = n.parentElement
      if (n.data.trim() && box && !/^(SCRIPT|STYLE)$/.test(box.tagName) && seen(box)) out.push(n.data.trim())
    }
    for (const e of document.querySelectorAll('[placeholder], [title], [aria-label]')) {
      if (seen(e)) for (const a of ['placeholder', 'title', 'aria-label']) if (e.getAttribute(a)) out.push(e.getAttribute(a))
    }
    return out
  })
}

// slips lists what is wrong with texts in any language. A word that the
// program itself sent is data, whatever it looks like.
export function slips(texts, data = '') {
  const out = []
  for (const text of texts) {
    for (const key of text.match(KEY) ?? []) if (!NO_KEY.test(key) && !data.includes(key)) out.push(`"${key}" in "${short(text)}"`)
    for (const slip of SLIPS) if (slip.test(text) && !data.includes(text)) out.push(`"${short(text)}"`)
  }
  return [...new Set(out)]
}

// chinese lists Chinese in texts that no answer of the program held.
export function chinese(texts, data) {
  const out = []
  for (const text of texts) for (const run of text.match(CHINESE) ?? []) if (!OWN_NAMES.has(run) && !data.includes(run)) out.push(`"${run}" in "${short(text)}"`)
  return [...new Set(out)]
}
const short = (text) => (text.length > 60 ? `${text.slice(0, 60)}…` : text)
