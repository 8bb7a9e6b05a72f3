import type { Role } from '@/bridge/api'

// JoinForm is what a new computer is let in as.
export interface JoinForm { role: Role; name: string; place: string }

// joinAs is the form as the program takes it: a shop stands where its name says, and so
// does whatever was given no place.
export function joinAs(form: JoinForm): { role: Role; name: string; placeName: string } {
  const name = form.name.trim()
  return { role: form.role, name, placeName: (form.role !== 'merchant' && form.place.trim()) || name }
}
