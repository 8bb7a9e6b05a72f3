import { blankItem } from '@/words/item'
import type { SchemeDraft, SchemeRow } from '../api'

// What a workbook looks like once it was read: seven groups, a few rows wrong.
const GROUPS = ['文明新风', '环境卫生', '平安建设', '邻里互助', '志愿服务', '社区治理', '家风家教']
export function schemeDraft(text: string, file: string): SchemeDraft {
  const bad = !file && text.includes('错')
  const rows: SchemeRow[] = Array.from({ length: 62 }, (_, n) => {
    const group = GROUPS[n % 7]
    const item = blankItem({ code: `${String.fromCharCode(65 + (n % 7))}${String(Math.floor(n / 7) + 1).padStart(2, '0')}`, group, name: `${group}第 ${Math.floor(n / 7) + 1} 项`, points: 1 + (n % 5), kind: n % 11 === 10 ? 'deduct' : 'deed' })
    const wrong = bad && n % 9 === 4
    return { line: n + 3, values: { group, name: item.name, points: wrong ? '三分' : String(item.points) }, item, problems: wrong ? [{ column: 'points', code: 'scheme.row.points', max: 0, with: '三分' }] : [] }
  })
  const wrong = rows.filter((r) => r.problems.length).length
  return { token: 's1', levels: '大类/小项', columns: ['group', 'name', 'points'], rows, good: rows.length - wrong, bad: wrong }
}
