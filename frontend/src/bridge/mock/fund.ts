import type { Calls, FundEntry, FundGrant } from '../api'
import { startOfDay } from '@/words/format'
import type { Wish } from './calls'
import { NOW, at } from './world'

type Names = Extract<keyof Calls, `fund.${string}`>

// The pretended community's money: 6,000 of 10,000 yuan came from donors.
export function fundCalls(wish: Wish): Pick<{ [K in keyof Calls]: (p: Calls[K][0]) => Calls[K][1] }, Names> {
  let n = 0
  const make = (e: Partial<FundEntry>): FundEntry => ({ id: `fund${n++}`, kind: 'own', fen: 0, day: at(3, 0), who: '', word: '', voucher: '', grant: '', undoes: '', undone: false, made: NOW, by: '陈样', ...e })
  const support = make({ kind: 'support', fen: 120_000, day: at(12, 0), who: '银龄互助敲门行动', word: '一季度扶持', voucher: '付-007' })
  const wrong = make({ kind: 'purchase', fen: 36_000, day: at(16, 0), who: '惠民超市', word: '毛巾 60 条', voucher: '付-008', undone: true })
  const list: FundEntry[] = wish.empty ? [] : [
    make({ kind: 'use', fen: 45_600, day: at(24, 0), grant: support.id, who: support.who, word: '血压计两台', voucher: '付-010' }), make({ kind: 'settle', fen: 97_700, day: at(20, 0), who: '惠民超市', word: '三月上旬结算', voucher: '付-009' }), make({ ...wrong, id: 'fundu', fen: -36_000, day: at(17, 0), undone: false, undoes: wrong.id, word: '数量写错' }), wrong, support,
    make({ kind: 'goods', fen: 100_000, day: at(9, 0), who: '永顺粮油', word: '大米 20 袋' }), make({ kind: 'donation', fen: 500_000, day: at(5, 0), who: '惠民超市', word: '社区慈善基金', voucher: '收-003' }), make({ kind: 'county', fen: 300_000, voucher: '收-001', who: '街道办' }), make({ fen: 100_000, voucher: '收-002', word: '场地收入' }),
  ]
  const IN = ['county', 'donation', 'own', 'goods']
  const sumOf = (k: string) => list.filter((e) => e.kind === k).reduce((s, e) => s + e.fen, 0)
  const grants = (): FundGrant[] => list.filter((e) => e.kind === 'support' && !e.undone && !e.undoes).map((e) => { const used = list.filter((u) => u.kind === 'use' && u.grant === e.id).reduce((s, u) => s + u.fen, 0); return { id: e.id, who: e.who, word: e.word, day: e.day, fen: e.fen, used, left: e.fen - used } })
  return {
    'fund.get': ({ year }) => {
      const kinds = [...IN, 'support', 'settle', 'purchase', 'other', 'use']
      const sums = Object.fromEntries(kinds.map((k) => [k, sumOf(k)]))
      const came = IN.reduce((s, k) => s + sums[k], 0)
      const left = 86_000 + came - sums.goods - sums.support - sums.settle - sums.purchase - sums.other
      return { of: year, entries: [...list], sums, before: 86_000, left, share: came ? Math.round(((sums.donation + sums.goods) * 1000) / came) : -1, grants: grants(),
        cover: { points: 6_842, unitFen: 100, pointFen: 684_200, owedFen: 97_700, moneyFen: left, goodsFen: 143_250, noCost: 12, leftFen: left + 143_250 - 684_200 - 97_700 } }
    },
    'fund.add': (e) => { const made = make({ ...e, day: startOfDay(e.day) }); list.unshift(made); return { id: made.id } },
    'fund.undo': ({ id, why }) => { const e = list.find((x) => x.id === id)!; e.undone = true; list.unshift(make({ ...e, id: `fund${n++}`, fen: -e.fen, undoes: id, undone: false, word: why, day: startOfDay(NOW) })); return {} },
  }
}
