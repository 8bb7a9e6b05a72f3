import { call } from '@/bridge'
import type { Activity, Attendee } from '@/bridge/api'
import type { useAct } from '@/state/load'
import { ask, say, sayFault } from '@/state/said'
import { speak as t } from '@/i18n'

type Desk = { take: (next: Activity) => void }

// signOff takes one person off the list: it names who goes and who moves up
// before anything happens, and the notice afterwards offers to sign the person
// up again, which may mean the end of the wait list.
export async function signOff(a: Activity, p: Attendee, act: ReturnType<typeof useAct>, desk: Desk, nameOf: (p: Attendee) => string): Promise<void> {
  const name = nameOf(p)
  const first = a.attendees.filter((x) => x.status === 'waiting').sort((x, y) => x.rank - y.rank)[0]
  const after = p.status === 'waiting' ? t('activity.offWaiting') : first ? t('activity.offNext', { next: nameOf(first) }) : t('activity.offNobody')
  if (!(await ask({ title: t('activity.offTitle', { name }), text: t('activity.offText', { name }) + after, yes: t('activity.offDo') }))) return
  const next = await act.run(() => call('activity.signOff', { id: a.id, person: p.person }))
  if (!next) { if (act.fault.value) sayFault(act.fault.value); return }
  desk.take(next)
  const risen = next.attendees.find((x) => x.status === 'confirmed' && a.attendees.some((o) => o.person === x.person && o.status === 'waiting'))
  const words = risen ? t('activity.offDoneNext', { name, next: nameOf(risen) }) : t('activity.offDone', { name })
  say(words, { label: t('activity.offUndo'), run: () => void back(a.id, p.person, name, act, desk) })
}

async function back(id: string, person: string, name: string, act: ReturnType<typeof useAct>, desk: Desk): Promise<void> {
  const next = await act.run(() => call('activity.signUp', { id, people: [person] }))
  if (!next) { if (act.fault.value) sayFault(act.fault.value); return }
  desk.take(next)
  const waits = next.attendees.find((x) => x.person === person)?.status === 'waiting'
  say(t(waits ? 'activity.backWaiting' : 'activity.backIn', { name }))
}
