import { onBeforeUnmount, onMounted, ref } from 'vue'
import { useKept } from './kept'

// Reading aloud, off until somebody switches it on. It takes a Mandarin voice that
// lives on this computer: one that asks a server would tell it what happens here.
// Which voices there are is the window's or browser's matter, and so is this switch.
const on = useKept('station.voice', false)
const able = ref(false)

export function mandarin(voices: readonly SpeechSynthesisVoice[]): SpeechSynthesisVoice | undefined {
  const here = voices.filter((v) => v.localService && /^(zh|cmn)(?![a-z])/i.test(v.lang) && !/[-_](hk|mo|yue)/i.test(v.lang))
  return here.find((v) => /cn|hans/i.test(v.lang)) ?? here[0]
}
const speech = () => (typeof speechSynthesis === 'undefined' ? null : speechSynthesis)
function look() { able.value = !!mandarin(speech()?.getVoices() ?? []) }

// say is silent without a voice; a new sentence ends the one before.
function say(sentence: string) {
  const voice = mandarin(speech()?.getVoices() ?? [])
  if (!voice) return
  const words = new SpeechSynthesisUtterance(sentence)
  words.voice = voice
  words.lang = voice.lang
  speech()!.cancel()
  speech()!.speak(words)
}

// useAloud: able whether there is a voice, on the switch, say at a hand's wish and
// told what happened by itself, while switched on.
export function useAloud() {
  look()
  onMounted(() => speech()?.addEventListener?.('voiceschanged', look)) // browsers find their voices late
  onBeforeUnmount(() => speech()?.removeEventListener?.('voiceschanged', look))
  return { able, on, say, told: (sentence: string) => { if (on.value) say(sentence) } }
}
