import { inject, type InjectionKey } from 'vue'
import type { Activity } from '@/bridge/api'

// What the tabs of one activity share: the newest answer, and asking again.
export interface ActivityDesk { take: (next: Activity) => void; reload: () => Promise<void> }
export const activityKey: InjectionKey<ActivityDesk> = Symbol('activity')

export function useDesk(): ActivityDesk {
  const desk = inject(activityKey)
  if (!desk) throw new Error('an activity tab stands outside its activity')
  return desk
}
