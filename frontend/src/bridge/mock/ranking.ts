import type { Person, Ranked, Ranking } from '../api'
import type { Handlers, Wish } from './calls'
import { mask } from './world'

// The ranking of the pretended community.
export function rankingCalls(wish: Wish, registrar: boolean, people: Person[]): Pick<Handlers, 'ranking.get' | 'ranking.set'> {
  let level: Ranking['level'] = wish.empty ? 'off' : 'desk'
  const names = { grids: ['第二网格', '第一网格', '第四网格', '第三网格'], teams: ['银发互助队', '妇联志愿服务队', '红马甲巡逻队'] }
  return {
    'ranking.get': ({ by, span }) => {
      const rows: Ranked[] = level === 'off' ? [] : by === 'grids' || by === 'teams' ? names[by].map((name, n) => ({ rank: n + 1, id: `${by}${n}`, name, masked: name, points: 2140 - n * 312, people: by === 'grids' ? 80 - n * 3 : 12 - n * 2 }))
        : people.slice(0, 50).map((p, n) => ({ rank: n === 4 ? 4 : n + 1, id: p.id, name: p.name, masked: mask(p.name), points: 310 - (n === 4 ? 3 : n) * 6 + (by === 'households' ? 120 : 0), people: by === 'households' ? 1 + (n % 4) : 1 }))
      return { level, registrar, by, span: span || '2026', rows, total: rows.length === 50 ? 268 : rows.length, out: by === 'people' && level !== 'off' ? 2 : 0 }
    },
    'ranking.set': (r) => { level = r.level; return {} },
  }
}
