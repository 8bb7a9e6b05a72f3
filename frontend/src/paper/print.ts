import { reactive } from 'vue'
import type { Activity, ActivityRow, AwardGift, Bylaw, Card, Claim, CreditPaper, CreditTable, FundYear, HouseholdBook, HoursSheet, Item, Line, MadeDeed, Minutes, Notice, PassSlip, Person, Project, Ranked, Receipt, RoundHome, RoundView, Score, SelectionView, SettleSheet, StockMove, VoucherSlip } from '@/bridge/api'
import type { LabelSize, ShelfLabel } from './label'

// What can be put on paper, with what it needs.
export interface Papers {
  receipt: { receipt: Receipt; before: number }
  passbook: { person: Person; lines: Line[]; carried: { balance: number; debt: number }; page: number; svg: string; waits: Claim[] }
  notice: { claim: Claim; person: Person }
  cards: { cards: Card[]; pass?: PassSlip; name?: string }
  signIn: { activity: Activity }
  poster: { activity: Activity | ActivityRow; url: string; svg: string; item: string }
  recovery: { recoveryKey: string; community: string }
  day: { activities?: ActivityRow[]; deeds?: MadeDeed[]; receipts: Receipt[]; total: number; moves: StockMove[]; at?: number }
  settle: { sheet: SettleSheet }
  hours: { sheet: HoursSheet }
  board: { notice: Notice }
  minutes: { minutes: Minutes }
  survey: { projects: Project[]; items: Item[] }
  credit: { paper: CreditPaper }
  delivery: { title: string; gifts: AwardGift[] }
  appraisal: { title: string; from: string; to: string; rows: Score[]; all: Score }
  assess: { round: RoundView; homes: RoundHome[]; blank: boolean }
  selection: { selection: SelectionView; notice: boolean }
  home: { name: string; book: HouseholdBook }
  ranking: { title: string; rows: Ranked[] }
  fund: { year: FundYear }
  bylaw: { rules: Bylaw }
  labels: { labels: ShelfLabel[]; size: LabelSize }
  honours: { names: string[]; title: string }
  consent: { name: string; basis: CreditTable['basis'] }
  voucher: { slip: VoucherSlip }
  ticket: { text: string; svg: string; name: string; community: string; expires: number }
}
export type PaperName = keyof Papers
export interface Sheet { name: PaperName; props: Papers[PaperName] }

export const paper = reactive<{ sheet: Sheet | null }>({ sheet: null })
// @page sizes in CSS; the roll's length follows its content.
export const PAGE: Record<PaperName, string> = {
  receipt: '58mm auto', passbook: 'A5', notice: 'A4', cards: 'A4', signIn: 'A4', poster: 'A4', recovery: 'A5', ticket: 'A5', voucher: '58mm auto', day: 'A4', settle: 'A4', hours: 'A4', survey: 'A4', board: 'A4', minutes: 'A4', credit: 'A4', consent: 'A4', delivery: 'A4', appraisal: 'A4', assess: 'A4 landscape', selection: 'A4', ranking: 'A4', home: 'A4', labels: 'A4', bylaw: 'A4', fund: 'A4', honours: 'A4 landscape',
}

// printPaper lays a sheet into the preview; printing is one click or Enter.
export function printPaper<K extends PaperName>(name: K, props: Papers[K]): void {
  paper.sheet = { name, props }
}
