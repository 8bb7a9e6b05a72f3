import { describe, expect, it } from 'vitest'
import { speak } from '@/i18n'
import { alarmDo, alarmSafe, alarmTitle } from './alarm'

const of = (params: Record<string, unknown>) => ({ code: 'sold', name: '王小二商店', params })

describe('the alarm of what was sold too late', () => {
  it('says who, how much and how it came about', () => {
    expect(alarmTitle(of({ how: 'revoked', n: 1, points: 3, lost: 3 }), speak)).toBe('王小二商店停用以后又兑了 3 分（1 笔）')
    expect(alarmTitle(of({ how: 'main', n: 2, points: 12, lost: 0 }), speak)).toBe('旧主机“王小二商店”在被接管以后又兑出 12 分（2 笔）')
    expect(alarmTitle(of({ how: 'main', n: 0, points: 0, lost: 10 }), speak)).toContain('兑换券，兑走了 10 分')
  })
  it('says what is lost, and whether the shop is paid', () => {
    expect(alarmSafe(of({ how: 'revoked', n: 1, points: 3, lost: 3 }), speak)).toContain('3 分算社区损失')
    expect(alarmDo(of({ how: 'revoked', n: 1, points: 3, lost: 3 }), speak)).toContain('不进商家结算')
  })
  it('does not speak of loss where all was charged again', () => {
    expect(alarmSafe(of({ how: 'main', n: 2, points: 12, lost: 0 }), speak)).toContain('没有损失')
    expect(alarmDo(of({ how: 'main', n: 2, points: 12, lost: 0 }), speak)).not.toContain('扣减')
  })
})
