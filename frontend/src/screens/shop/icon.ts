import type { Offer } from '@/bridge/api'
import { icons, type IconName } from '@/ui/icons'

// The drawings a shelf item may carry.
export const OFFER_ICONS: IconName[] = ['stock', 'paste', 'soap', 'bottle', 'oil', 'roll2', 'towel', 'jug', 'kettle', 'rice', 'lamp', 'scissors', 'meal', 'voucher', 'redeem']

// iconOf never fails: an icon from a newer version becomes a plain box.
export function iconOf(offer: Pick<Offer, 'icon' | 'kind'>): IconName {
  if (offer.icon in icons) return offer.icon as IconName
  return ({ goods: 'stock', service: 'scissors', coupon: 'voucher', honour: 'notice' } as const)[offer.kind] ?? 'stock'
}
