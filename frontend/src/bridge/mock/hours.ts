import type { HoursColumn, HoursPaper, Person, Service } from '../api'
import type { Handlers, Wish } from './calls'
import { at, NOW } from './world'

const TEXTS: [string, string, string][] = [['2号院楼道大清扫', '环境治理', '和平里2号院'], ['公益课：手机上挂号缴费', '公益课', '滨河实践站二楼'], ['@orders', '@orders', ''], ['河岸捡拾垃圾', '环境治理', '滨河公园'], ['陪护独居老人', '帮孤助残', '']]
const services = (n: number): Service[] => Array.from({ length: n }, (_, i) => ({ at: at(2 + i, 9 + (i % 6)), minutes: 60 + ((i * 35) % 120), text: TEXTS[i % 5][0], type: TEXTS[i % 5][1], place: TEXTS[i % 5][2] }))
const FIELDS = ['name', 'idType', 'idNumber', 'phone', 'code', 'date', 'start', 'end', 'hours', 'minutes', 'text', 'type', 'place', 'community', 'fixed']
const column = (title: string, field: string): HoursColumn => ({ title, field, fixed: '' })

type Names = 'hours.person' | 'hours.issue' | 'hours.papers' | 'hours.sheet' | 'hours.due' | 'hours.layout' | 'hours.send'

export function hoursCalls(wish: Wish, registrar: boolean, people: Person[]): Pick<Handlers, Names> {
  const list = services(11)
  const minutes = list.reduce((sum, s) => sum + s.minutes, 0)
  const paper = (n: number, p: Person): HoursPaper => ({ code: `2026-${String(n).padStart(6, '0')}`, person: p.id, name: p.name, at: at(20 + n, 9, 30), by: '陈样', from: list[0].at, to: NOW, times: list.length, minutes })
  const papers = wish.empty ? [] : [paper(3, people[6]), paper(2, people[1]), paper(1, people[4])]
  let columns = [column('志愿者姓名', 'name'), column('证件类型', 'idType'), column('证件号码', 'idNumber'), column('项目名称', 'text'), column('服务开始时间', 'start'), column('服务结束时间', 'end'), column('服务时长（小时）', 'hours')]
  let sent = 318
  return {
    'hours.person': ({ id }) => ({ services: list, times: list.length, minutes, from: list[0].at, to: NOW, papers: papers.filter((p) => p.person === id), registrar }),
    'hours.issue': ({ id }) => { const made = paper(papers.length + 1, people.find((p) => p.id === id)!); papers.unshift({ ...made, at: NOW }); return papers[0] },
    'hours.papers': () => ({ papers }),
    'hours.sheet': ({ code }) => ({ paper: papers.find((p) => p.code === code)!, idNumber: '140106********0021', issuer: '滨河社区', services: list, changed: false }),
    'hours.due': () => ({ services: wish.empty ? 0 : 604, minutes: 25_680, sent: wish.empty ? 0 : sent, due: wish.empty ? 0 : 592 - sent, lacking: wish.empty ? [] : [{ person: 'p8', name: people[8]?.name ?? '', field: 'idNumber', times: 7 }, { person: 'p12', name: people[12]?.name ?? '', field: 'idNumber', times: 5 }],
      sample: wish.empty ? [] : [0, 1, 2].map((n) => [people[n].name, '居民身份证', '140106********0021', list[n].text === '@orders' ? '居民心愿服务' : list[n].text, '2026-03-02 09:00', '2026-03-02 10:00', '1.00']), columns, fields: FIELDS, batches: wish.empty ? [] : [{ number: 2, at: at(1, 9), services: 166 }, { number: 1, at: at(1, 9) - 28 * 86_400_000, services: 152 }], registrar }),
    'hours.layout': (r) => { columns = r.columns; return {} },
    'hours.send': () => { const n = 592 - sent; sent = 592; return { batch: 3, services: n } },
  }
}
