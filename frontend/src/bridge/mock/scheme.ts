import { blankItem } from '@/words/item'
import type { ReadyBook, SchemeDraft, SchemeRow } from '../api'

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

// The first ready-made rulebooks as the program lists them.
export const readyBooks: ReadyBook[] = [
  { id: 'tangshan', title: '唐山式：全市一个时长标准', about: '每半小时 1 分、1 小时 2 分，按时长计分；典型和商家的善举另有奖励。', items: 16, groups: 7, reported: 13 },
  { id: 'taiyuan', title: '太原式：积分存折', about: '清扫满 1 小时 3 分，讲一次课 5 分，调解成功 8 分，修家电 3 分；时长加难度。', items: 12, groups: 4, reported: 12 },
  { id: 'tongyu', title: '通榆式：1 小时 15 分，互助用工', about: '干一小时 15 分，1 分值 1 元；邻里互相帮工，村里发积分。', items: 15, groups: 6, reported: 9 },
  { id: 'wuning', title: '武宁式：公德账户加减分', about: '以户为单位，好人好事加分、违规失信扣分，按季兑换；1 分约值一支牙膏。', items: 20, groups: 6, reported: 7 },
  { id: 'bengbu', title: '蚌埠桃花园式：7 大类 62 小项', about: '文明新风等七类 62 项，逐项有加有减；年度满 180 分可评 AAA 信用户。', items: 62, groups: 7, reported: 7 },
  { id: 'bozhou', title: '亳州花戏楼式：5/25/38', about: '5 项一级指标、25 项二级指标、38 个具体项目；非遗体验每次 30 分。', items: 38, groups: 5, reported: 10 },
]
