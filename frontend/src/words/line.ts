import type { Line } from '@/bridge/api'
import type { Speak } from '@/i18n'

// lineName is what a passbook line is called. The sign says award; whatever
// else it was is said in front of the thing.
export function lineName(line: Pick<Line, 'text' | 'kind' | 'item'>, t: Speak): string {
  const kind = t(`people.kind.${line.kind}`)
  if (!line.text) {
    if (line.kind === 'award' && line.item === 'registration') return t('people.byItem.registration')
    return line.kind === 'opening' ? t('people.byItem.opening') : kind
  }
  const plain = line.kind === 'award' || line.kind === 'deed' || line.text.startsWith(kind)
  return plain ? line.text : t('people.prefix', { kind, text: line.text })
}
