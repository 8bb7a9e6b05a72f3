import { describe, expect, it } from 'vitest'
import type { Offer } from '@/bridge/api'
import { qrSvg } from '@/words/qr'
import { labelsOf } from './label'

const offer = (more: Partial<Offer>): Offer => ({ id: '01arz3ndektsv4rrffq69g5fav', name: '毛巾', unit: '条', kind: 'goods', points: 12, stock: 3, minimum: 0, icon: 'towel', active: true, reserved: 0, code: '', cost: 0, photo: '', ...more })

describe('price labels', () => {
  it('carry what the till reads: the code of the goods, or the offer itself', async () => {
    const [coded, plain] = await labelsOf([offer({ code: '6901234567892' }), offer({})], async () => '')
    expect(coded.svg).toBe(await qrSvg('6901234567892'))
    expect(plain.svg).toBe(await qrSvg('01arz3ndektsv4rrffq69g5fav'))
    expect([plain.code, plain.points, plain.unit]).toEqual(['', 12, '条'])
  })
  it('have the picture of their own offer', async () => {
    const got = await labelsOf([offer({ photo: 'a' }), offer({ photo: '' })], async (hash) => (hash ? `data:${hash}` : ''))
    expect(got.map((l) => l.photo)).toEqual(['data:a', ''])
  })
})
