import { describe, expect, it } from 'vitest'
import { speak } from '@/i18n'
import { alarmDo, alarmSafe, alarmTitle, copySeen } from './alarm'

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
  it('does not speak of loss where only goods went out for no points', () => {
    expect(alarmSafe(of({ how: 'main', n: 2, points: 0, lost: 0 }), speak)).toContain('没有损失')
    expect(alarmDo(of({ how: 'main', n: 2, points: 0, lost: 0 }), speak)).not.toContain('扣减')
  })
})

describe('the alarm of two branches', () => {
  it('says what a guest sold beyond its credit, and nothing where it did not', () => {
    expect(alarmSafe({ code: 'fork', name: 'x', params: { over: 13, communities: '桥东社区' } }, speak)).toContain('桥东社区的往来额度多兑了 13 分')
    expect(alarmSafe({ code: 'fork', name: 'x', params: {} }, speak)).not.toContain('往来额度')
  })
})

describe('the alarm of a copied computer', () => {
  const a = { code: 'copied', name: '滨河站电脑', params: { stopped: true, stoppedAt: 1, stoppedAddr: '192.168.1.24', runningAt: 2, runningAddr: '', online: true } }
  it('tells the two apart by when and where they were seen', () => {
    expect(copySeen(a, 'stopped', speak, (at) => `9:0${at}`)).toBe('192.168.1.24，最后见到 9:01')
    expect(copySeen(a, 'running', speak, String)).toBe('现在在线')
  })
  it('says what was decided and what it waits for', () => {
    const decided = { ...a, params: { decided: 'stopped' } }
    expect(alarmTitle(decided, speak)).toContain('停下的那台留下')
    expect(alarmDo(decided, speak)).toContain('看看定了没有')
  })
})
