// A picture as it is sent: turned the right way up and made smaller by the browser, so
// that little travels. What the browser can't open goes as it is, and the program
// says what is wrong with it.
export async function packed(file: Blob, side = 1600, quality = 0.8): Promise<string> {
  const bytes = await smaller(file, side, quality).catch(() => file)
  return base64(new Uint8Array(await bytes.arrayBuffer()))
}

async function smaller(file: Blob, side: number, quality: number): Promise<Blob> {
  const from = await createImageBitmap(file, { imageOrientation: 'from-image' })
  const shrink = Math.min(1, side / Math.max(from.width, from.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(from.width * shrink))
  canvas.height = Math.max(1, Math.round(from.height * shrink))
  const on = canvas.getContext('2d')
  if (!on) throw new Error('no canvas')
  on.fillStyle = '#fff' // behind what is transparent
  on.fillRect(0, 0, canvas.width, canvas.height)
  on.drawImage(from, 0, 0, canvas.width, canvas.height)
  from.close()
  return new Promise((resolve, reject) => canvas.toBlob((b) => (b ? resolve(b) : reject(new Error('no picture'))), 'image/jpeg', quality))
}

function base64(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000))
  return btoa(text)
}

// isPicture asks the browser, by the way that the oldest of them know; the page may show
// images of data: and of no blob: (its content security policy).
function isPicture(file: Blob): Promise<boolean> {
  return new Promise((resolve) => {
    const image = new Image()
    image.onload = () => resolve(true)
    image.onerror = () => resolve(false)
    const reader = new FileReader()
    reader.onerror = () => resolve(false)
    reader.onload = () => { image.src = String(reader.result) }
    reader.readAsDataURL(file)
  })
}

// sorted parts what somebody chose: pictures that still have room, names of what is no
// picture, and how many there is no room for. Nothing of it vanishes without a word.
export async function sorted(files: File[], room: number, is = isPicture): Promise<{ take: File[]; none: string[]; over: number }> {
  const known = await Promise.all(files.map(is))
  const all = files.filter((_, n) => known[n])
  return { take: all.slice(0, room), none: files.filter((_, n) => !known[n]).map((f) => f.name), over: Math.max(0, all.length - room) }
}
