import { describe, expect, it } from 'vitest'
import { mandarin } from './aloud'

const voice = (lang: string, localService = true) => ({ lang, localService, name: lang, default: false, voiceURI: lang }) as SpeechSynthesisVoice

describe('the voice', () => {
  it('speaks Mandarin, of the mainland before others', () => {
    expect(mandarin([voice('en-US'), voice('zh-TW'), voice('zh-CN')])?.lang).toBe('zh-CN')
    expect(mandarin([voice('cmn_Hans_CN')])?.lang).toBe('cmn_Hans_CN')
    expect(mandarin([voice('zh_CN_#Hans')])?.lang).toBe('zh_CN_#Hans')
  })
  it('is none rather than Cantonese or another language', () => {
    expect(mandarin([voice('zh-HK'), voice('yue-HK'), voice('zh-yue'), voice('ja-JP'), voice('en-US')])).toBeUndefined()
    expect(mandarin([])).toBeUndefined()
  })
  it('is none rather than one that asks a server', () => expect(mandarin([voice('zh-CN', false)])).toBeUndefined())
})
