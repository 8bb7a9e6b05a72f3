import { DAY } from '@/words/format'
import type { NewPerson, Newcomer, Person } from '../api'
import type { Handlers } from './calls'
import { NOW } from './world'

const form = (name: string, more: Partial<NewPerson>): NewPerson => ({ name, phone: '', idNumber: '', birthday: '', grid: '', address: '', usualPlace: '', skills: '', note: '', guardian: '', household: '', ...more })
const blank: Newcomer = { id: '', at: 0, state: '', number: '', whom: '', person: null, consents: [], ended: 0, by: '', reason: '', became: '', name: '', masked: '' }

// Pretended applications from the phone page.
export function newcomerCalls(empty: boolean, registrar: boolean, people: Person[]): Pick<Handlers, 'newcomer.list' | 'newcomer.accept' | 'newcomer.refuse' | 'newcomer.rule' | 'newcomer.setRule'> {
  let on = !empty
  let waiting: Newcomer[] = empty ? [] : [
    { ...blank, id: 'k1', at: NOW - 2 * DAY, number: '482199301175', whom: 'self', person: form('居民丁', { phone: '13900000031', grid: 'g1', address: '和平里 2 号院 3-402', skills: '理发，会开三轮车', note: '周末上午能来，想陪老人聊天' }), consents: ['identity', 'contact', 'care', 'photo'] },
    { ...blank, id: 'k2', at: NOW - 3 * 3_600_000, number: '730055218846', whom: 'child', person: form('居民小满', { phone: '13900000032', address: '和平里 5 号院 1-101', note: '暑假想教弟弟妹妹画画', guardian: '居民戊' }), consents: ['identity', 'contact', 'care'] },
    { ...blank, id: 'k3', at: NOW - 20 * 60_000 },
  ]
  const ended: Newcomer[] = empty ? [] : [
    { ...blank, id: 'k4', at: NOW - 6 * DAY, state: 'accepted', ended: NOW - 5 * DAY, by: '陈样', became: people[2].id, name: people[2].name, masked: people[2].masked },
    { ...blank, id: 'k5', at: NOW - 9 * DAY, state: 'refused', ended: NOW - 8 * DAY, by: '陈样', reason: '不住在本社区，请到所住的社区登记' },
  ]
  const end = (id: string, more: Partial<Newcomer>) => { ended.unshift({ ...blank, id, at: NOW, ended: NOW, by: '陈样', ...more }); waiting = waiting.filter((x) => x.id !== id) }
  return {
    'newcomer.list': () => ({ on, waiting, ended }),
    'newcomer.accept': ({ id, person }) => { end(id, { state: 'accepted', became: people[3].id, name: person.name, masked: person.name }); return { id: people[3].id, existing: false, code: people[3].code, onTheWay: 0 } },
    'newcomer.refuse': ({ id, reason }) => { end(id, { state: 'refused', reason }); return {} },
    'newcomer.rule': () => ({ on, registrar }),
    'newcomer.setRule': (r) => { on = r.on; return {} },
  }
}
