import type { SyncPill } from '@/bridge/api'
import { ago, when, type Lang } from '@/words/format'
import type { Speak } from '@/i18n'

export interface PillWords { kind: 'ok' | 'off' | 'alone' | 'attention' | 'gone'; text: string }

// A cut of less than a minute is not "0 minutes".
function apart(ms: number, cut: boolean, lang: Lang, t: Speak): string {
  if (ms < 60_000) return t(cut ? 'shell.justOff' : 'shell.justUnmet')
  return t(cut ? 'shell.offline' : 'shell.unmet', { since: ago(ms, lang) })
}

// pillWords: 已同步 10:32 · 3 台在线 / 断网 2 小时 · 12 条待同步 / 1 条需要处理.
export function pillWords(sync: SyncPill | undefined, now: number, lang: Lang, t: Speak, away = false): PillWords {
  if (away) return { kind: 'gone', text: t('shell.gone') }
  if (!sync) return { kind: 'alone', text: t('shell.never') }
  if (sync.attention > 0) return { kind: 'attention', text: t('shell.attention', { n: sync.attention }) }
  if (sync.total === 0) return { kind: 'alone', text: t('shell.alone') }
  // Without another computer that may hold all of it, nothing waits for one.
  const pending = sync.keepers > 0 && sync.onlyHere > 0
  if (sync.online === 0) {
    const since = sync.offlineSince ? apart(now - sync.offlineSince, sync.cut, lang, t) : t('shell.never')
    return { kind: 'off', text: pending ? `${since} · ${t('shell.pending', { n: sync.onlyHere })}` : since }
  }
  const parts = [sync.last ? t('shell.synced', { at: when(sync.last, now, lang) }) : t('shell.never'), t('shell.onlineN', { n: sync.online })]
  if (pending) parts[0] = t('shell.pending', { n: sync.onlyHere })
  return { kind: 'ok', text: parts.join(' · ') }
}
