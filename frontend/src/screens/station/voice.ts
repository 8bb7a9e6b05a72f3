import { useKept } from '@/state/kept'
import { useApp } from '@/state/app'

// useVoice reads a sentence aloud where the computer has a voice and the
// station has switched it on; otherwise it does nothing.
export function useVoice(): (text: string) => void {
  const on = useKept('station.voice', false)
  const app = useApp()
  return (text) => {
    if (!on.value || !('speechSynthesis' in window)) return
    const speech = new SpeechSynthesisUtterance(text)
    speech.lang = app.lang === 'zh' ? 'zh-CN' : 'en'
    window.speechSynthesis.cancel()
    window.speechSynthesis.speak(speech)
  }
}
