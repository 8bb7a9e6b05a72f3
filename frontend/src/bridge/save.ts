// How long the browser may take to copy what it was given.
const KEEP_MS = 60_000

// save hands a file to the browser's downloads.
export function save(content: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.rel = 'noopener'
  document.body.appendChild(link)
  link.click()
  link.remove()
  setTimeout(() => URL.revokeObjectURL(link.href), KEEP_MS)
}

// fileName reads the name out of a Content-Disposition; Chinese ones come
// percent-encoded.
export function fileName(disposition: string): string {
  const star = /filename\*=utf-8''([^;]+)/i.exec(disposition)?.[1]
  if (star) {
    try {
      return decodeURIComponent(star)
    } catch {
      return ''
    }
  }
  return /filename="?([^";]+)"?/.exec(disposition)?.[1] ?? ''
}
