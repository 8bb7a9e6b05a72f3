import type { PersonRow } from '@/bridge/api'

export type ColumnKey = 'address' | 'grid' | 'year' | 'spendable' | 'lifetime' | 'here' | 'vouchers' | 'onTheWay' | 'skills' | 'tail' | 'code' | 'created'
export type SortKey = 'name' | 'year' | 'spendable' | 'lifetime' | 'created'
export interface Column { key: ColumnKey; number: boolean; sort?: SortKey; value: (row: PersonRow) => string | number }

// What the list can show beside the name; sorting is the program's work, so
// only what it can sort by is offered.
export const COLUMNS: Column[] = [
  { key: 'address', number: false, value: (r) => r.address },
  { key: 'grid', number: false, value: (r) => r.gridName },
  { key: 'year', number: true, sort: 'year', value: (r) => r.year },
  { key: 'spendable', number: true, sort: 'spendable', value: (r) => r.spendable },
  { key: 'lifetime', number: true, sort: 'lifetime', value: (r) => r.lifetime },
  { key: 'here', number: true, value: (r) => r.here },
  { key: 'vouchers', number: true, value: (r) => r.vouchers },
  { key: 'onTheWay', number: true, value: (r) => r.onTheWay },
  { key: 'skills', number: false, value: (r) => r.skills },
  { key: 'tail', number: false, value: (r) => r.phoneTail },
  { key: 'code', number: false, value: (r) => r.code },
  { key: 'created', number: false, sort: 'created', value: (r) => r.created },
]
export const DEFAULT_COLUMNS: ColumnKey[] = ['address', 'grid', 'year', 'spendable', 'lifetime', 'onTheWay', 'tail']
// While a person is open beside the list there is room for these only.
export const TIGHT_COLUMNS: ColumnKey[] = ['address', 'year', 'spendable']
