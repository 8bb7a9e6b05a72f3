// A drawn picture for the pretended program: sky, hill and a path whose colours go by
// the name.
export function photoOf(name: string): string {
  if (typeof document === 'undefined') return ''
  const canvas = document.createElement('canvas')
  canvas.width = 640
  canvas.height = 480
  const on = canvas.getContext('2d')
  if (!on) return ''
  const hue = [...name].reduce((n, c) => n + c.charCodeAt(0), 0) % 80
  const fill = (style: string, points: [number, number][]) => { on.fillStyle = style; on.beginPath(); points.forEach(([x, y]) => on.lineTo(x, y)); on.fill() }
  fill(`hsl(${190 + hue} 45% 82%)`, [[0, 0], [640, 0], [640, 480], [0, 480]])
  fill(`hsl(${90 + hue} 30% 55%)`, [[0, 330], [220, 180 + hue], [430, 300], [640, 210], [640, 480], [0, 480]])
  fill(`hsl(${30 + hue} 35% 72%)`, [[250, 480], [310, 300], [345, 300], [430, 480]])
  return canvas.toDataURL('image/jpeg', 0.8).split(',')[1]
}

// goodOf is a drawn good before a plain wall, in colours that go by its name.
export function goodOf(name: string): string {
  if (typeof document === 'undefined') return ''
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = 240
  const on = canvas.getContext('2d')
  if (!on) return ''
  const hue = [...name].reduce((n, c) => n * 7 + c.charCodeAt(0), 0) % 360
  const box = (style: string, ...at: [number, number, number, number]) => { on.fillStyle = style; on.fillRect(...at) }
  box(`hsl(${hue} 20% 90%)`, 0, 0, 240, 240)
  box(`hsl(${hue} 12% 76%)`, 0, 180, 240, 60)
  box(`hsl(${hue} 45% 52%)`, 72, 66, 96, 134)
  box(`hsl(${hue} 50% 40%)`, 92, 44, 56, 24)
  box(`hsl(${(hue + 40) % 360} 60% 88%)`, 84, 104, 72, 52)
  return canvas.toDataURL('image/jpeg', 0.8).split(',')[1]
}
