import type { Offer } from '@/bridge/api'
import { qrSvg } from '@/words/qr'

// Price labels of the shelf: what stands on one, and how many come out of an A4.
export type LabelSize = 'large' | 'small'
export const PER_PAGE: Record<LabelSize, number> = { large: 8, small: 24 }
export interface ShelfLabel { id: string; name: string; unit: string; points: number; photo: string; code: string; svg: string }

// What the till scans: the code of the goods, else the offer's own id, so that a towel
// that no factory gave a bar code has one here.
export const scanned = (o: Pick<Offer, 'id' | 'code'>): string => o.code || o.id

// labelsOf makes the labels of offers; pictures is where an offer's picture is fetched.
export async function labelsOf(offers: Offer[], pictures: (hash: string) => Promise<string>): Promise<ShelfLabel[]> {
  return Promise.all(offers.map(async (o) => ({ id: o.id, name: o.name, unit: o.unit, points: o.points, code: o.code, photo: await pictures(o.photo), svg: await qrSvg(scanned(o)) })))
}
