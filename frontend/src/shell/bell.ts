import { watch } from 'vue'
import { call } from '@/bridge'
import { useApp } from '@/state/app'
import { useLoad } from '@/state/load'

// A new wish is heard and counted. The sound is made here, two notes, so there
// is no file to miss; the setting of this computer switches it off.
const NOTES: [hertz: number, at: number][] = [[880, 0], [1318.5, 0.18]]
const LENGTH = 0.5 // seconds a note takes to fade
const LOUD = 0.25

// isNew tells whether there is a wish that was not there before. The first
// answer after opening rings for nothing: what waits is shown, not news.
export function isNew(before: { newest: string; at: number } | null, now: { newest: string; at: number }): boolean {
  return !!before && now.newest !== '' && now.newest !== before.newest && now.at >= before.at
}

export function useBell() {
  const app = useApp()
  const badge = useLoad(() => call('order.badge', {}), ['order'])
  watch(badge.data, (now, before) => {
    if (now && isNew(before ?? null, now) && app.state?.settings.sound) ring()
  })
  return { badge: badge.data }
}

let audio: AudioContext | null = null
// ring plays the two notes. A browser that was not touched yet stays silent;
// the badge is there all the same.
export function ring(): void {
  try {
    audio ??= new AudioContext()
    if (audio.state === 'suspended') void audio.resume()
    for (const [hertz, at] of NOTES) note(audio, hertz, audio.currentTime + at)
    document.documentElement.dataset.rang = String(Number(document.documentElement.dataset.rang ?? 0) + 1)
  } catch {
    audio = null // no sound on this machine
  }
}

function note(on: AudioContext, hertz: number, at: number) {
  const tone = on.createOscillator()
  const loud = on.createGain()
  tone.frequency.value = hertz
  loud.gain.setValueAtTime(LOUD, at)
  loud.gain.exponentialRampToValueAtTime(0.001, at + LENGTH)
  tone.connect(loud).connect(on.destination)
  tone.start(at)
  tone.stop(at + LENGTH)
}
