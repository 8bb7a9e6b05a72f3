// The calls between the screens and the program: one name, one request, one
// reply. Go structs carry the same JSON names. Times are milliseconds since
// 1970 UTC, points are integers, money is in fen, ids are texts. A refused call
// rejects with Fault; the sentences for codes live in src/i18n. Calls that would
// do their work a second time take a word beside their request, once (once.ts).

export interface Fault { code: string; params?: Record<string, unknown> }
export type Id = string
export type Role = 'office' | 'station' | 'merchant'
export interface Ref { doc: string; seq: number; hash: string } // one ledger transaction
export interface Page { offset: number; limit: number } // limit <= 200

// ---------------------------------------------------------------- application
export interface AppState {
  phase: 'new' | 'joining' | 'ready'
  version: string
  window: boolean // the desktop window, not a browser
  sample: boolean
  community?: { id: Id; name: string; parent: string; level: Tier; appealDays: number } // appealDays: in which papers say that one may object
  device?: { id: Id; name: string; role: Role; place: string; placeName: string; registrar: boolean }
  operator: string
  sync: SyncPill
  phoneUrl: string // address of the phone pages on the LAN, '' when off
  clock: number
  clockLast: number // time of the last entry while today's date is doubted (nothing is written until app.confirmClock); else 0
  paused: boolean // cut off by devices.pause
  lanOff: boolean // started with --lan=off: the setting can't open it
  netError: string // '' or a fault code: why no device can be reached
  copied?: { since: number; decided: boolean } // another computer has this one's key: nothing is written here; decided: the other one stays
  revoked?: boolean // the office has revoked this device: nothing is written here
  handover?: { left: number; to: string[] } // what a revoked device still has to hand over, and to whom
  aside?: { again: number; left: number } // what stood behind an invalid entry and nobody has looked at yet
  refused?: { number: number; reason: string; entries: number; self: boolean } // an own entry is invalid: nothing is written here; self: this device decides itself (devices.goOn)
  missing?: { entries: number; back: number; at: number; others: boolean } // acknowledged entries that this database lacks, at least; back: come from other devices so far
  disk?: Fault // why nothing is written any more: data.damaged, data.full, data.stopped
  settings: Settings
  session?: Session
}
// Who is at the screen. Guarded: it opens by PIN only; locked: nobody has opened it, and nothing is answered.
export interface Session { locked: boolean; guarded: boolean; must: boolean; id: Id; role: '' | StaffRole; signs: boolean; keyed: boolean } // signs: the key is certified; keyed: what takes two people takes two signatures
export type StaffRole = 'lead' | 'clerk' | 'keeper' | 'witness'
export interface Opener { id: Id; name: string; role: StaffRole; waits: boolean; opens: boolean; locked: boolean; seconds: number } // waits: for the office; opens: may work here; seconds: until the next try
export interface Staff { id: Id; name: string; role: StaffRole; until: number; out: boolean; keys: { device: Id; name: string; here: boolean }[] }
export interface StaffWaiting { key: string; id: Id; name: string; role: StaffRole; device: string; known: string; at: number }
export interface Sign { id: Id; pin: string } // a second operator's word
export interface SyncPill {
  online: number // other devices connected now
  total: number // other devices enrolled
  keepers: number // of them those that may hold a second copy of everything: office, station
  last: number // last complete exchange, 0 = never
  onlyHere: number // changes that no keeper is known to hold; says nothing where keepers is 0
  offlineSince: number // 0 = at least one device online
  cut: boolean // nobody online, and this computer has no network at all
  attention: number // things somebody must settle
}
export interface Settings {
  lang: 'zh' | 'en'; theme: 'light' | 'dark' | 'contrast' | 'auto'; size: 14 | 16 | 18 | 22 | 26 | 30
  senior: boolean // large letters and targets, and nothing vanishes by itself
  lan: boolean; phone: string // listening address of the phone pages, '' = off
  stationWord: string // what the community calls its stations: 实践站, 兑换点 ...
  unitFen: number // worth of one point in fen, 0 = not set
  sound: boolean // a new wish is heard
  idle: number // minutes without a hand on the screen until it locks, 0 = never
}

// ---------------------------------------------------------------- people
export interface PersonRow {
  id: Id; name: string; masked: string; code: string; grid: string; gridName: string; address: string
  phoneTail: string; household: Id; lifetime: number; year: number; spendable: number; here: number
  vouchers: number; onTheWay: number // on slips; earned and not booked yet: neither is part of spendable
  debt: number // points owed, paid from later income
  created: number; skills: string
}
export interface Person extends PersonRow {
  phone: string; idNumber: string; birthday: string; note: string; guardian: string; usualPlace: Id; shop: Id // shop: of the merchant that the person keeps
  cardGeneration: number; cardBlocked: boolean; cardPin: boolean; flags: string[] // away, unable, unlisted
  conflicts: { field: string; values: string[] }[] // two edits made apart, both kept
  householdName: string; members: { id: Id; name: string; head: boolean }[]
  ids: Id[] // of all records that are this person, the leading one first
  cards?: { code: string; blocked: boolean }[] // of the other records; in people.get
  gone?: Departure | null // moved to another community; in people.get
}
export interface Departure { id: Id; name: string; partner: string; points: number; at: number; by: string; consent: 'self' | 'guardian'; arrived: number } // arrived 0: no letter has said so
export interface MoveLook {
  registrar: boolean; partners: { id: Id; name: string; state: Partner['state'] }[]
  cohorts: { period: string; points: number }[]; points: number // at this device
  elsewhere: { device: string; points: number }[]; onTheWay: number
  lifetime: number; year: number; debt: number; reservations: number; vouchers: number; orders: number; gone: Departure | null
}
export interface Arriving {
  burn: string; from: string; name: string; phone: string; idNumber: string; birthday: string // name '': the letter has to be read again; the rest is empty once taken in
  cohorts: { period: string; points: number }[]; points: number; lifetime: number; year: number; consent: '' | 'self' | 'guardian'; at: number; by: string
  missing: number // credit; 0: can be taken in
  here: boolean // sent to this computer, not to a former main one
  done: number; similar: { person: PersonRow; reasons: Likeness[] }[]
}
export interface SaidOf { word: string; by: string; at: number }
export interface LikelyPair { a: PersonRow; b: PersonRow; reasons: Likeness[]; ask: SaidOf | null; answer: SaidOf | null } // ask: waits for the office; answer: waits for the main device
export type Likeness = 'idNumber' | 'phone' | 'birthday' | 'address'
export interface RecordOf extends Person { lines: number } // one record by itself, with what is booked under its id
export interface Twice { lines: (Omit<Line, 'kind'> & { kind: Line['kind'] | 'level'; record: Id; canUndo: boolean })[] }
export interface Records { records: RecordOf[]; joined: boolean; waiting: boolean; office: boolean; twice: Twice[]; differs: string[] } // differs: masked fields of which the whole differs
export type JoinState = 'asked' | 'waiting' | 'joined' | 'apart' | 'different'
export interface MadeDeed { made: number; at: number; person: Id; masked: string; text: string; minutes: number; points: number; witness: string; operator: string; takeBack: Id }
export interface Erasure { person: Id; at: number; operator: string; done: number; of: number; missing: { device: Id; name: string; place: string; online: boolean; last: number }[] }
export interface AuditFilter { from: number; to: number; operator: string; device: Id; kind: string; person: Id } // '' and 0: all
export interface AuditRow {
  at: number; kind: string; action: string; operator: string; device: string // operator '': the device by itself
  item: string; version: number; points: number; law: string; people: { id: Id; name: string; masked: string }[]; more: number; hash: string; doc: string; unseen: boolean // a revoked device wrote it and it does not count
}
export interface Look { at: number; operator: string; what: '' | 'export' }
export const CONSENT_PURPOSES = ['identity', 'contact', 'care', 'photo'] as const
export const CONSENT_WAYS = ['paper', 'desk', 'phone'] as const
export type ConsentPurpose = (typeof CONSENT_PURPOSES)[number]
export type ConsentWay = (typeof CONSENT_WAYS)[number]
export interface Consent { purpose: ConsentPurpose; given: boolean; how: ConsentWay; on: number; at: number; by: string; device: string }
export interface Consents { rows: Consent[]; withdrawn: ConsentPurpose[]; keeps: ConsentPurpose[] } // rows: the latest first; keeps: for which something is kept now
export interface StillOpen { spendable: number; onTheWay: number; debt: number; reservations: number; vouchers: number; devices: number }
export interface NewPerson {
  name: string; phone: string; idNumber: string; birthday: string; grid: string; address: string
  usualPlace: Id; skills: string; note: string; guardian: string; household: Id
  opening?: Opening // brought along from a paper book; then there is no bonus
}
export interface PhoneApplication {
  whom: 'self' | 'child' | 'parent'; name: string; phone: string; grid: string; address: string; skills: string; wishes: string; guardian: string; consents: ConsentPurpose[]
}
// Newcomer is who applied on a phone page. Once it ended, what was said is gone.
export interface Newcomer {
  id: Id; at: number; state: '' | 'accepted' | 'refused' | 'lapsed'; number: string; whom: 'self' | 'child' | 'parent' | ''; person: NewPerson | null; consents: ConsentPurpose[]
  ended: number; by: string; reason: string; became: Id; name: string; masked: string
}
export interface Opening { lifetime: number; year: number; spendable: number } // lifetime 0: the greater of the others
export interface Line { // one line of the passbook
  ref: Ref; index: number; at: number; kind: 'award' | 'redeem' | 'undo' | 'opening' | 'deduct' | 'debt' | 'expire' | 'deed' | 'moved' | 'arrived'
  text: string; item: string; version: number; amount: number
  note?: string // what was typed about a deed: it may name others, so it stands on no paper
  before: number; balance: number // what could be spent before it and after it, vouchers included
  owed: number; debt: number // by how much it changes what is owed, and what is owed after it
  place: string; device: string; operator: string; witness: string
  proof: Proof; state: 'booked' | 'onTheWay' | 'capped'; undone: boolean; takeBack?: Id // the deed, where this device recorded it and it is not paid
  correct: boolean // its opposite can be written, or asked of the device that wrote it
  asked: '' | 'open' | 'refused'; code: string // the request to correct it, and the fault why it was refused
  reason: string // of a correction
  photos: number // pictures of the deed, and of the claim it was booked for
  branch: boolean // stands only in a branch of a device's history that has forked
}
export interface AccountSums { lifetime: number; year: number; spendable: number; vouchers: number; onTheWay: number; debt: number }
export interface HouseholdMember extends AccountSums { id: Id; name: string; masked: string; head: boolean }
export interface HouseholdLine extends Line { member: number } // its place among the members; balance and debt are the household's
export interface HouseholdBook { members: HouseholdMember[]; hidden: number; sums: AccountSums; total: number; lines: HouseholdLine[] } // hidden: who objects and is left out, of paper
export interface Consequences { // of a correction, as far as this device knows
  kind: 'award' | 'opening' | 'redeem' | 'deduct'; points: number
  back: number; take: number; debt: number; cancel: number // comes back, is taken, will be owed, is no longer owed
  here: boolean; device: string; place: string; state: '' | 'open' | 'refused' // here: done at once, else asked of device
}
export interface Correction { // a request to correct what another device wrote
  hash: string; person: Id; name: string; masked: string; kind: Consequences['kind'] | ''; points: number; made: number
  device: string; place: string; at: number; by: string; reason: string
  state: 'open' | 'done' | 'refused' | 'withdrawn'; code: string; here: boolean
}
export interface RosterRow { line: number; values: Record<string, string>; errors: { column: string; code: string; params?: Record<string, unknown> }[]; notes: { column: string; code: string; params?: Record<string, unknown> }[]; double: Id }
export interface Brought { each: number; people: number; opened: number; opening: number } // what an import gives: each of people, opening to the opened together
export interface RosterPreview { token: string; columns: string[]; rows: RosterRow[]; good: number; bad: number; doubles: number; points: Brought }
export interface Card { id: Id; code: string; qr: string; svg: string; // qr: the text in the code, svg: the code drawn
  masked: string; name: string; community: string }

// ---------------------------------------------------------------- scheme
export type ItemKind = 'time' | 'deed' | 'piece' | 'often' | 'base' | 'honour' | 'exam' | 'mutual' | 'donate' | 'deduct' // deduct: the points are taken away
export type Span = 'day' | 'week' | 'month' | 'year'
export interface Item { // zero and '' ask for nothing
  code: string; group: string; sub: string; name: string; kind: ItemKind
  points: number // per unit (time, piece, donate), else each time
  minutes: number; round: '' | 'half' | 'up' // unit of time, e.g. 60; a rest of it counts never, from half a unit on, always
  unit: string; per: number // of piece and donate: points for every per units
  times: number; span: Span | '' // of often: at most so many times
  harder: number; hardest: number // percent, 0: difficulty makes no difference
  dayCap: number; weekCap: number; monthCap: number; yearCap: number // points of one person, 0 = none
  witness: boolean; review: boolean; notice: number // days of public notice, or of a deduction's time to appeal
  self: boolean; lead: boolean // may be claimed from the phone; only a lead gives it
  for: string; note: string; locked: boolean // locked: given by the level above
}
export interface SchemeHead { title: string; levels: string; why: string; source: string; upper: string; upperKey: string; upperVersion: number } // levels: names with slashes
export interface Scheme extends SchemeHead { version: number; from: number; by: string; items: Item[] }
export interface SchemeVersion extends SchemeHead { version: number; from: number; by: string; items: number; rival: boolean }
export interface SchemeProblem { column: keyof Item; code: string; max: number; with: string }
export interface SchemeRow { line: number; values: Record<string, string>; item: Item; problems: SchemeProblem[] }
export interface ReadyBook { id: string; title: string; about: string; items: number; groups: number; reported: number } // reported: items that a newspaper's report names
export interface SchemeAbove { by: string; version: number; made: number; head: SchemeHead; items: Item[]; locked: number } // items: what the own rulebook becomes
export interface SchemeDraft { token: string; levels: string; columns: string[]; rows: SchemeRow[]; good: number; bad: number }

// ---------------------------------------------------------------- claims
export type ClaimState = 'rules' | 'confirm' | 'review' | 'asked' | 'tell' | 'notice' | 'appealed' | 'due' | 'booked' | 'refused' | 'dropped' | 'withdrawn' | 'lapsed'
export interface ClaimWord { at: number; by: string; yes: boolean; how: string; why: string; void: '' | 'device' | 'unsigned' | 'role' | 'own' | 'asked' } // at 0: nothing was said; void: why it does not count
export interface Exchange { at: number; by: string; text: string; repliedAt: number; reply: string; how: string } // a question to the claimant; repliedAt 0: nobody has replied
export interface Claim {
  id: Id; person: Id; name: string; masked: string; item: string; text: string; version: number; at: number; minutes: number; count: number
  points: number; worth: number // below 0 for a deduction; points: what was given, before that within the caps; worth: by the rule
  note: string; witness: string; via: 'page' | 'grid' | 'desk'; by: string; made: number; state: ClaimState; until: number; days: number; lead: boolean // until: of a notice or to reply, 0 while its days have not begun; days: how many
  own: boolean; late: boolean // entered by who sits here; booked, and objected to too late to stop it
  appeal: string; review: ClaimWord; told: ClaimWord; answer: ClaimWord; void: ClaimWord; photos: number; asked: Exchange[]
}
// A picture: of says what of, "claim/<id>" or "deed/<hash>"; one that is not here is fetched when it is asked for.
export interface Photo { person: Id; hash: string; of: string; at: number; by: string; here: boolean }
export interface PhotoCount { here: number; bytes: number; away: number } // away: on record, not here
export interface Family { person: Id; name: string; masked: string; address: string; members: number }
export interface Listed { masked: string; text: string; points: number }
export type RoundState = 'open' | 'published' | 'due' | 'booked' | 'dropped'
export interface RoundRow { id: Id; title: string; span: string; state: RoundState; made: number; until: number; days: number } // until: of the notice, 0 before it
export interface RoundItem { code: string; name: string; group: string; unit: string; per: number; points: number; most: number; cap: number } // points below 0 for a deduction; most: greatest score; cap: most points of a household, 0 = none
export interface Rival { item: string; n: number; by: string } // a score as one device wrote it, -1 for none
export interface RoundObjection { tag: string; at: number; by: string; text: string; answered: boolean; right: boolean; answeredBy: string; answer: string }
export interface RoundHome { id: Id; head: Id; name: string; masked: string; grid: string; address: string; people: number; away: boolean; unlisted: boolean; scores: number[]; points: number; rivals: Rival[]; late: Rival[]; paid: boolean; got: number; waits: number; objections: RoundObjection[] } // scores by item, -1 for none; late: not what was published; got, waits: what its claims came to, and how many wait
// What residents propose to the council, and what they were answered.
export type ProposalFate = 'council' | 'done' | 'no'
export interface Proposal { id: Id; person: Id | ''; name: string; masked: string; via: 'phone' | 'desk'; by: string; at: number; text: string; state: ProposalFate | 'decided' | 'discussed' | ''; decision?: { minutes: Id | ''; meeting: string; at: number; matter: MatterDone } | null; replies: { at: number; state: ProposalFate; text: string; by: string }[] } // person, name and by: '' on phones
// Selections: nominees, votes, honour. Nothing here says who voted for whom.
export type SelectionState = 'nominate' | 'check' | 'vote' | 'counted' | 'notice' | 'due' | 'decided' | 'honoured' | 'dropped'
export interface SelectionRow { id: Id; title: string; kind: 'people' | 'projects'; state: SelectionState; made: number; until: number; days: number; phone: boolean } // until: of the notice, 0 before it
export interface SelectionSaid { text: string; at: number; by: string } // by: the device
export interface SelectionObjection { tag: string; at: number; by: string; text: string; answered: boolean; right: boolean; answeredBy: string; answer: string }
export interface Nominee { id: Id; name: string; masked: string; grid: string; gone: boolean; said: SelectionSaid[]; shown: string; verdict: '' | 'yes' | 'no' | 'differ'; checks: (SelectionSaid & { yes: boolean })[]; line: number; same: number; votes: number; chosen: boolean; struck: boolean; won: number; objections: SelectionObjection[] } // shown: why, names masked; line 0: not on the ballot; same: the line of this person before it; votes -1: not counted yet; won: yuan, -1 not honoured
export interface VoterRow { name: string; masked: string; votes: { at: number; by: string; counts: boolean }[] } // by: the device
export interface SelectionView extends SelectionRow { registrar: boolean; places: number; choices: number; item: string; points: number; grant: number; nominees: Nominee[]; people: number; voters: number; unread: number; differ: VoterRow[]; late: VoterRow[] }
export interface ScoreLine {
  line: number; home: Id; name: string; masked: string; address: string
  changes: { item: string; before: number[]; after: number }[] // before: several where devices differ; after: -1 takes away
  problems: { code: 'home' | 'several' | 'double' | 'formula' | 'merged' | 'number' | 'most'; column: string; with: string; max: number }[]
}
export interface ScorePreview { token: string; lines: ScoreLine[]; same: number; changes: number; bad: number; missing: string[]; unknown: string[] }
export interface RoundView extends RoundRow { registrar: boolean; version: number; items: RoundItem[]; homes: RoundHome[]; present: { id: Id; name: string }[]; strays: number }
export interface Ranked { rank: number; id: Id; name: string; masked: string; points: number; people: number } // equals have the better rank
export interface Ranking { level: 'off' | 'desk' | 'phone'; registrar: boolean; by: 'people' | 'households' | 'grids' | 'teams'; span: string; rows: Ranked[]; total: number; out: number } // out: left out because somebody objects
export interface PhoneRank { rank: number; masked: string; points: number; mine: boolean }
export interface PhoneRanking { span: string; rows: PhoneRank[]; mine: PhoneRank | null }
export interface PublicLists { on: boolean; registrar: boolean; red: Listed[]; yellow: Listed[] }

// ---------------------------------------------------------------- activities
export type ActivityState = 'open' | 'full' | 'running' | 'ended' | 'awarded' | 'cancelled'
export interface ActivityRow {
  id: Id; title: string; type: string; start: number; end: number; place: string; places: number
  confirmed: number; waiting: number; pending: number; present: number; state: ActivityState; item: string
}
export interface Attendee {
  person: Id; name: string; masked: string; phoneTail: string; status: 'confirmed' | 'waiting' | 'pending' | 'walkIn' | 'cancelled' | 'noShow'
  rank: number; signedAt: number; inAt: number; outAt: number; how: '' | 'roll' | 'card' | 'qr' | 'after'
  scans: number; minutes: number; points: number; awarded: 'no' | 'onTheWay' | 'booked' | 'undone'; recorders: string[]
  lacks: '' | 'out' | 'late' | 'time' // why somebody who was there gets no points: never signed out, came after the end, too short
}
export interface Activity extends ActivityRow {
  organiser: string; note: string; itemName: string; points: number; minutes: number
  attendees: Attendee[]; counts: { roll: number; card: number; qr: number; after: number }
  iHoldTurn: boolean; homeDevice: string
}
export interface NewActivity { title: string; type: string; start: number; end: number; place: string; places: number; item: string; organiser: string; note: string }
export interface DutyDraft { kind: 'duty' | 'spot' | 'tree'; title: string; place: string; item: string; per: 'day' | 'week' | 'month'; times: number; person: Id } // person '' = nobody yet
export interface Duty extends DutyDraft { id: Id; itemName: string; points: number; minutes: number; name: string; masked: string; since: number; made: number; by: string; ended: number; why: string; done: number; before: number; last: number; waits: boolean } // done, before: times in the running day, week or month and in the one before (-1: who has it has not had it so long); waits: its item can't be recorded at once
export interface CheckInCode { text: string; url: string; svg: string; left: number; short: string } // left: seconds until the next code; short: six digits to type

// ---------------------------------------------------------------- shop
export interface Offer {
  id: Id; name: string; unit: string; kind: 'goods' | 'service' | 'coupon' | 'honour'; points: number
  stock: number // here; -1 = unlimited
  minimum: number; icon: string; active: boolean; reserved: number; code: string; cost: number; photo: string // label code for the scanner; cost of a piece in fen, 0 = not known; hash of its picture, '' for none
}
// 资金, fen. kind of an entry; below 0: the opposite of another; undone: it has one. Grants: what is left of them.
export type FundKind = 'county' | 'donation' | 'own' | 'goods' | 'support' | 'settle' | 'purchase' | 'other' | 'use'
export interface FundEntry { id: Id; kind: FundKind; fen: number; day: number; who: string; word: string; voucher: string; grant: Id; undoes: Id; undone: boolean; made: number; by: string }
export interface FundGrant { id: Id; who: string; word: string; day: number; fen: number; used: number; left: number }
export interface FundCover { points: number; unitFen: number; pointFen: number; owedFen: number; moneyFen: number; goodsFen: number; noCost: number; leftFen: number } // today's; unitFen 0: not said; noCost: pieces whose cost nobody wrote
export interface FundYear { of: string; entries: FundEntry[]; sums: Record<string, number>; before: number; left: number; share: number; grants: FundGrant[]; cover: FundCover } // share: of donors, per mille, -1: nothing came in
// 兑换办法: made 0: nothing was ever written; text '' and least 0: there are no rules (any more).
export interface Bylaw { text: string; least: number; from: number; made: number; state: 'ahead' | 'force' | 'past' }
export interface BylawReply { now: Bylaw; versions: Bylaw[]; maxText: number; maxLeast: number } // versions: those ahead first, then the latest
export interface ShopAbout { where: string; hours: string } // what a place says of itself to those who want to come
// 集中兑换日: state undone: the redemption was taken back. home: to be delivered; given: when it was handed over, 0 = not yet.
export interface AwardDay { id: Id; title: string; at: number; here: boolean; device: string; people: number; done: number; deliver: number; points: number; fen: number } // here: this device redeems
export interface AwardGift {
  id: Id; day: Id; person: Id; masked: string; name: string; code: string; lines: { name: string; unit: string; n: number; points: number }[]; points: number; fen: number; here: number
  state: 'listed' | 'done' | 'cancelled' | 'undone'; home: boolean; given: number; givenBy: string; receipt: string; times: number; grid: string; phone: string; address: string
}
export interface Account {
  person: Id; masked: string; code: string; here: number; spendable: number; vouchers: number; onTheWay: number; debt: number; kept: number // kept: lies here and waits for an order from a phone; no part of here
  least: number; lacks: number // who has fewer than least in all can't redeem, 0 = everybody can; how many are missing as far as this device knows
  valid: 'ok' | 'blocked' | 'unknown'; ownCommunity: boolean
  off: Off[]; offUntil: number // the discounts here that the person has; last second of the pass that says so, 0: known here by itself
}
export interface Scan { kind: 'person' | 'offer' | 'pick' | 'pass' | 'checkin' | 'nothing'; account?: Account; offer?: Offer; pick?: Reservation // pick: an order from a phone is fetched; here holds its points
  voucher?: { points: number; until: number } // a voucher that this scan has taken
  pass?: { person: Id; masked: string; level: string; life: number; until: number; off: Off[] } } // a discount pass that was remembered; alone it opens no account
export interface Term { level: Id; life: number; percent: number; points: number } // to a level or to life points earned in all; percent off the order or points off each piece
export interface Off extends Term { name: string } // of the level
export interface PassSlip { text: string; svg: string; person: Id; masked: string; community: string; level: string; life: number; from: number; until: number } // level: its name
export interface Receipt {
  number: string; ref: Ref; at: number; community: string; place: string; masked: string; name: string; code: string // name: '' where no roster is held
  lines: { name: string; unit: string; n: number; points: number }[]; total: number; hereAfter: number; operator: string; undone: boolean; late: boolean; proof: Proof
  less: number; lessLevel: string; lessLife: number // the discount: total is what was paid, the lines stand at full price
}
export type Proof = '' | 'pin' | 'keeper' // how the holder of the card was proven
export interface StockMove { at: number; offer: Id; name: string; n: number; why: string; operator: string; kind: '' | 'redeem' | 'undo' } // kind '': came, was counted or adjusted
export interface Reservation { id: Id; person: Id; masked: string; code: string; at: number; until: number; lines: { offer: Id; name: string; n: number }[]; state: 'open' | 'lapsed' | 'done' | 'cancelled'; pick: string; points: number; device: string } // until: its goods are for sale again then; pick: the number of an order from a phone, '' else; points: set aside with it, at device

// ---------------------------------------------------------------- vouchers
export interface VoucherSlip { hash: string; text: string; svg: string; person: Id; masked: string; community: string; till: string; points: number; until: number; at: number }
export interface VoucherRow { hash: string; person: Id; masked: string; till: string; points: number; at: number; until: number; takenAt: number; state: VoucherState; operator: string; own: boolean } // own: its slip can be printed again here
export type VoucherState = 'open' | 'recalled' | 'used' | 'expired' | 'returned' // recalled: its till was asked to return it
export interface VoucherTill { id: Id; name: string; place: Id }

// ---------------------------------------------------------------- devices
export interface Device {
  id: Id; name: string; role: Role; placeName: string; home: string; self: boolean; registrar: boolean; standby: boolean; online: boolean
  last: number; via: '' | 'lan' | 'wan' | 'usb'; lacks: number // changes it is not known to hold; -1 = not known
  revoked: boolean; addresses: string[] // host:port; of self where others find it
}
export interface Devices {
  devices: Device[]; unknown: number // other devices of which is not known what they hold
  onlyHere: number; synced: number // changes exchanged since the last cut
  meetings: { a: Id; b: Id; at: number }[]
  log: { at: number; device: string; sent: number; received: number; via: string }[]
  quarantine: { at: number; from: string; code: string; params?: Record<string, string>; doc: string }[]
  unseen: { at: number; id: Id; from: string; n: number; kind: string; doc: string }[] // recorded by a revoked device, seen by nobody before, held and not shown
  photos: PhotoCount
  folder: string // where this computer keeps everything
}
export interface Alarm { // sentences: src/i18n/*/alarm.ts
  code: string // copied, fork, frozen, unfair, aside, closed, clock, loss, twice, debt, stuck, budget, recovery, standby, replaced, late, sold, erasing
  device: Id; name: string // '' for what is of the community
  since: number; link: string; params: Record<string, unknown>
}
export interface SoldLine { at: number; person: string; goods: string; points: number; sent?: boolean } // of the alarm sold; sent: not redeemed, the points went back
export interface AboveRequest { text: string; community: string; device: string; made: number; fingerprint: string }
export interface NearOffice { id: Id; community: string; office: string }
// What a new computer is told by the office at which it knocked; code is six digits to compare.
export interface Knocking {
  phase: '' | 'waiting' | 'offered' | 'agreed' | 'joining' | 'over'
  code: string; community: string; office: string; role: Role; place: string; name: string
  fault?: Fault // why it is over
}
export interface Knocker { id: Id; name: string; phase: 'waiting' | 'picked' | 'compare' | 'matched' | 'invited' | 'joined'; agreed: boolean; as: string; role: Role }
export interface Meeting {
  left: number // milliseconds; 0: closed
  picks: number; tries: number // that are left
  lan: boolean // new computers on the LAN see this office; else they need one of the addresses
  addresses: string[]; knockers: Knocker[]
}
export interface Ticket { text: string; svg: string; expires: number; role: Role; name: string }
export interface TicketPreview { community: string; office: string; role: Role; name: string; expires: number }

// ---------------------------------------------------------------- figures
// A community has no level; offices above communities read their reports.
export type Tier = '' | 'street' | 'district'
// Figures by code (words/indicator.ts); rates per mille or in tenths, -1 = of nothing.
export type Figures = Record<string, number>
export interface Outcome { name: string; before: number; now: number } // entered by hand: how many there were, and are
export interface SpanMonth { month: string; upto: number; figures: Figures; rates: Figures; reported: number; at: number; differs: boolean } // reported: number of the report, 0 = none
export interface Figured { months: SpanMonth[]; figures: Figures; rates: Figures; outcomes: Outcome[] }
export interface ReportRow { id: Id; name: string; site: Site; level: Tier; via: string; fingerprint: string; upto: number; last: string; missing: string[]; urged: number; figures: Figures; rates: Figures }
export interface ReportTable {
  from: string; to: string; rows: ReportRow[]; reported: number; sum: Figures; rates: Figures; before: Figures; beforeRates: Figures; outcomes: Outcome[] // before: of as many months before
  trend: { month: string; reported: number; sum: Figures }[]; streets: { id: Id; name: string; fingerprint: string }[]; introduction: string; fingerprint: string
}
export interface MonthReport { month: string; number: number; replaced: number; made: number; upto: number; hash: string; figures: Figures; rates: Figures; outcomes: Outcome[] }
export interface CameReport { name: string; month: string; state: 'new' | 'replaces' | 'known' | 'older' | 'refused'; fault?: Fault; introduction: string; fingerprint: string }
export interface Service { at: number; minutes: number; text: string; type: string; place: string } // text and type '@orders': by an order
export type NoticeKind = 'notice' | 'publicity' | 'result' | 'praise'
export interface Posted { id: Id; kind: NoticeKind; title: string; body: string; contact: string; from: number; until: number } // as residents read it
export interface Notice extends Posted { grid: Id; about: Id; made: number; by: string; off: number; reason: string; state: 'ahead' | 'force' | 'over' | 'withdrawn' } // grid '' = everybody, '@merchants' = merchants alone; about: minutes
export type NamesHow = '' | 'mask' | 'keep' // residents' names in a public text: refuse them, mask them, they agreed
export interface Wall { notices: Posted[]; activities: { title: string; start: number; end: number; place: string; free: number }[]; month: string; awarded: number; redeemed: number; minutes: number; volunteers: number // free -1: as many as come
  honours: { masked: string; level: string; at: number }[]; ranking: { rank: number; masked: string; points: number }[]; red: { masked: string; text: string; points: number }[]; yellow: { masked: string; text: string; points: number }[] } // lists are empty where they are off
export interface NoticeDraft { kind: NoticeKind; title: string; body: string; contact: string; grid: Id; from: number; until: number; about: Id; names: NamesHow }
export interface Matter { title: string; decision: string; for: number; against: number; abstain: number }
export type MatterDone = Matter & { done: number; action: string; proposal?: Id | '' }
export interface Present { id: Id; name: string; masked: string; member?: boolean; role?: string } // member: of the council, on the day of the meeting
export interface Seat { id: Id; person: Id; name: string; masked: string; role: string; from: number; until: number; reason: string; made: number; by: string; state: 'ahead' | 'force' | 'over' } // until: or when it ended before its term
export interface Minutes { id: Id; title: string; at: number; place: string; came: number; others: number; present: Present[]; members: number; absent: Present[]; matters: MatterDone[]; made: number; by: string; off: number; reason: string; notices: Notice[] }
export interface MinutesDraft { title: string; at: number; place: string; present: Id[]; others: number; matters: (Matter & { proposal: Id | '' })[]; names: NamesHow }
export interface HoursPaper { code: string; person: Id; name: string; at: number; by: string; from: number; to: number; times: number; minutes: number }
export interface PersonHours { services: Service[]; times: number; minutes: number; from: number; to: number; papers: HoursPaper[]; registrar: boolean }
export interface HoursSheet { paper: HoursPaper; idNumber: string; issuer: string; services: Service[]; changed: boolean } // changed: entries were corrected since
export type Platform = 'national' | 'provincial'
export interface HoursColumn { title: string; field: string; fixed: string }
export interface HoursDue {
  services: number; minutes: number; sent: number; due: number; lacking: { person: Id; name: string; field: string; times: number }[]
  sample: string[][]; columns: HoursColumn[]; fields: string[]; batches: { number: number; at: number; services: number }[]; registrar: boolean
}
export interface Month {
  month: string; sessions: number; attendances: number; minutes: number; awarded: number; redeemed: number
  volunteers: number; active: number
  carried: number; brought: number; deducted: number; moved: number; expired: number; outstanding: number // carried + awarded + brought - redeemed - deducted - moved - expired
  days: { day: number; awarded: number; redeemed: number }[]
  types: { name: string; minutes: number; times: number }[]
}
export interface Home {
  month: Month; today: ActivityRow[]
  todo: { kind: 'wish' | 'clash' | 'stock' | 'conflict' | 'same' | 'join' | 'award' | 'quarantine' | 'reserve' | 'alarm' | 'correction' | 'claim' | 'newcomer' | 'objection' | 'proposal'; title: string; detail: string; at: number; link: string; params?: Record<string, unknown> }[]
}

// ---------------------------------------------------------------- years, budget
export interface Year {
  period: string // 2026, 2026q3
  state: 'running' | 'grace' | 'due' | 'closed' | 'final'
  issued: number; redeemed: number; deducted: number; moved: number; outstanding: number; expired: number // issued is the sum of the others
  lost: number; lostBooked: number // what copied devices cost, borne by the community; of it booked to the reserve
  late: number // redemptions that were not known at the close
  people: number // who have something outstanding
  onTheWay: number // part of outstanding: in no device's hands
  endsAt: number; closeFrom: number; closedAt: number; closedBy: string; closePoints: number; closePeople: number; finalAt: number
  rest: { device: string; points: number }[] // who holds what is outstanding
  absent: { id: Id; name: string; last: number }[] // not heard of since the year ended, last 0 = never
}
export interface Budget {
  period: string; set: boolean; budget: number; by: string; issued: number; left: number
  incomeFen: number; unitFen: number; share: number; issuedShare: number // per mille of the income; -1 = not known
  registrar: boolean; base: BasePoints
}
export interface BasePoints {
  period: string; points: number // for each person, 0 = nobody ordered any
  by: string; at: number; stopped: boolean
  rivals: number[] // other amounts ordered apart: nothing is paid until one order is given again
  people: number; paid: number
}

// ---------------------------------------------------------------- wishes and orders
export type OrderState = 'posted' | 'offered' | 'serving' | 'served' | 'closed' | 'cancelled'
export type PartyKind = 'person' | 'team' | 'merchant'
export interface Party { kind: '' | PartyKind; id: Id; name: string }
export interface OrderRow { // times are those of signed changes, 0 = not yet
  id: Id; state: OrderState; type: string; project: Id; projectName: string; person: Id; name: string; masked: string; grid: string; text: string
  via: 'page' | 'desk' | 'call' | 'paper' | 'grid'; made: number; offeredAt: number; contactAt: number; doneAt: number; reviewedAt: number
  party: Party; declined: number; stars: number; reviewVia: '' | 'page' | 'desk' | 'callback' | 'timeout'; clash: boolean // dispatched twice by devices that were apart
}
export interface OrderStep { at: number; kind: 'post' | 'offer' | 'accept' | 'decline' | 'reply' | 'done' | 'review' | 'cancel' | 'settle'
  device: string; operator: string; name: string; text: string; code: string; stars: number; minutes: number }
export interface OrderOffer { id: Id; party: Party; at: number; device: string; operator: string; here: boolean }
export interface Order extends OrderRow {
  address: string; phone: string; by: string; offer: Id; item: string; itemName: string; minutes: number; praise: string; why: string
  helpers: { person: Id; name: string; points: number; awarded: 'no' | 'onTheWay' | 'booked' }[]
  history: OrderStep[]; rivals: OrderOffer[]; lost: boolean // rivals: dispatches not in force; lost: one of them is this device's
}
export interface NewOrder { person: Id; type: string; project: Id; text: string; address: string; phone: string; via: OrderRow['via']; once: string } // once: a word the screen made, posts once
export interface OrderBadge { posted: number; newest: Id; at: number; oldest: number; clashes: number }
export interface Team { id: Id; name: string; lead: Id; closed: boolean; members: { person: Id; name: string }[] }
export interface Project { id: Id; name: string; type: string; note: string; item: string; closed: boolean
  made: number; orders: number; served: number; reviews: number; stars: number; last: number; likes: number; votes: number // stars: tenths
  prune: '' | 'bad' | 'unused'; liked: boolean; popular: boolean }
export interface Survey { id: Id; title: string; forms: number; at: number; operator: string; votes: { project: Id; name: string; n: number }[]; rules: SurveyRule[] }
export interface SurveyRule { code: string; name: string; n: number } // code '': a deed that residents wrote onto the forms
export interface Fitting { id: Id; name: string; masked: string; skills: string; done: number; open: number; away: boolean; unable: boolean; free: boolean } // done, open: orders
export interface Score { kind: PartyKind | 'staff' | 'grid' | 'all'; id: Id; name: string; orders: number; declined: number; done: number
  toOffer: number; toContact: number; toDone: number; quickCall: number; quickDone: number; reviews: number; callbacks: number; stars: number } // medians in ms, per cent, tenths
export interface Performance { all: Score; cancelled: number; parties: Score[]; staff: Score[]; grid: Score[] } // grid: who brought wishes as a grid worker
export interface Job { // an order as the merchant sees it that it was given to
  id: Id; offer: Id; state: 'offered' | 'serving' | 'served' | 'closed' | 'declined' | 'withdrawn'; type: string; project: string; masked: string
  text: string; address: string; phone: string; locked: boolean; made: number; offeredAt: number; answerAt: number; doneAt: number; stars: number; replies: OrderStep[]
}
export interface PhoneWish { id: Id; offer: Id; mine: boolean; state: OrderState; type: string; text: string; masked: string; party: string; kind: Party['kind']; address: string; phone: string
  made: number; contactAt: number; doneAt: number; stars: number; reviewVia: OrderRow['reviewVia']; praise: string; minutes: number; points: number; awarded: 'no' | 'onTheWay' | 'booked'
  steps: OrderStep[]; colleagues: { id: Id; name: string }[] }
export interface PhoneProject { id: Id; name: string; type: string; note: string; stars: number; likes: number; liked: boolean }

// ---------------------------------------------------------------- levels by year points, benefits
export interface Benefit { id: Id; name: string; unit: string; n: number; place: Id } // n times a year; place '' = anywhere; id '' = new
export interface Level { id: Id; name: string; points: number; benefits: Benefit[] } // id '' = new
export interface HonourTable { levels: Level[] } // the lowest first
export interface Rung { id: Id; name: string; points: number; at: number } // at 0: earned, not awarded yet
export interface MyBenefit { id: Id; name: string; unit: string; given: number; used: number; left: number; here: number; place: Id; ours: boolean } // left -1: a till can't know
export interface Standing { level: Rung | null; next: Rung | null; missing: number; benefits: MyBenefit[] }
export interface HonourStats {
  period: string; people: number; households: number; registrar: boolean
  levels: { id: Id; name: string; points: number; people: number; peopleShare: number; households: number; householdShare: number }[] // shares per mille, -1 = of nothing
  issued: number; redeemed: number; share: number; left: number // points of all years
}

// ---------------------------------------------------------------- credit lines, money in yuan
export type CreditState = 'force' | 'replaced' | 'withdrawn' | 'expired' | 'ended'
export interface CreditBand { from: number; to: number; amount: number } // to 0 = no end
export interface CreditTable { basis: 'lifetime' | 'year' | 'spendable'; least: number; most: number; bands: CreditBand[] }
export interface CreditLine { id: string; number: string; version: number; points: number; basis: CreditTable['basis']; amount: number; made: number; until: number; by: string; state: CreditState } // amount 0: the assessment found no band
export interface CreditConsent { given: boolean; at: number; by: string; off: number; proof: '' | 'signed' | 'named' | 'bad' }
export interface PersonCredit { consent: CreditConsent; lines: CreditLine[]; points: number; basis: CreditTable['basis']; suggested: number; from: number } // newest first; from: where the first band begins, 0 = there is no table
export interface CreditRow { person: Id; name: string; grid: Id; line: CreditLine; has: boolean; points: number; suggested: number; due: boolean }
export interface CreditList { total: number; rows: CreditRow[]; counts: Record<'all' | 'due' | 'force' | 'void', number>; amount: number }
export interface CreditCertificate { community: Id; place: string; line: string; number: string; version: number; name: string; idTail: string; points: number; basis: CreditTable['basis']; amount: number; made: number; until: number }
export interface CreditPaper extends CreditCertificate { text: string; svg: string }
export interface CreditChecked extends CreditCertificate { state: CreditState; by: string; person: Id; whole: boolean } // whole: this device knows of later versions and withdrawals

// ---------------------------------------------------------------- settlement, money in fen
export interface Settlement {
  id: string; place: Id; name: string; number: number; day: string // yyyy-mm-dd, the last day that it covers
  redemptions: number; reversals: number; points: number; back: number // points redeemed, points taken back
  peg: number; fen: number; brought: number; pay: number // brought: what the one before left, at most 0
  at: number; operator: string // '' = made by itself
  sumFen: number; paidAt: number; paidBy: string; reference: string; payee: string; account: string; bank: string
}
export interface SettleDue { number: number; day: string; redemptions: number; reversals: number; points: number; back: number; peg: number; fen: number; brought: number; pay: number; first: number; later: number; laterDeals: number } // number 0: nothing; later: points of today
export interface SettleMerchant {
  place: Id; name: string; payee: string; account: string; bank: string
  agreed: number // fen a point agreed with this merchant, 0 = as the community
  due: SettleDue; settled: number; fen: number; paidFen: number; unpaidFen: number; last: Settlement | null
  stops: { device: string; why: 'closed' | 'forked'; points: number }[] // feeds of which only a part is settled
}
export interface SettleList { peg: number; registrar: boolean; merchants: SettleMerchant[]; unpaid: Settlement[]; void: Settlement[]; dueFen: number; unpaidFen: number }
export interface SettleSheet { settlement: Settlement; community: string; lines: { at: number; check: string; points: number; fen: number; operator: string }[]; complete: boolean }

// ---------------------------------------------------------------- other communities, money in fen
export interface Site { street: string; district: string; city: string }
export interface Statement { id: string; ours: boolean; number: number; month: string; spent: number; back: number; moved: number; deals: number; backs: number; movers: number; peg: number; owed: number; // above 0 they owe us
  at: number; operator: string; answered: number; agreed: boolean; why: string; paidAt: number; reference: string; state: 'sent' | 'refused' | 'agreed' | 'done' }
export interface Partner { id: Id; name: string; site: Site; ours: number; theirs: number; peg: number; until: string; state: 'new' | 'unlisted' | 'differs' | 'ended' | 'good'; theyOurs: number; theyTheirs: number; theyPeg: number; used: number; left: number; over: number; month: string; due: number; statements: Statement[] }
export interface Partners { registrar: boolean; site: Site; introduction: string; fingerprint: string; svg: string; partners: Partner[] }
export interface Introduction { id: Id; name: string; site: Site; fingerprint: string; known: boolean; moved: boolean } // moved: they named another computer before

// How far a merchant takes points, and those of other communities that are guests here.
export type Scope = 'community' | 'street' | 'district' | 'city'
export interface Merchant { place: Id; name: string; scope: Scope; home: string; until: number; devices: number; credit: number; keepers: PersonRow[] } // keepers: their points are the merchant's; home: of a guest, its community; credit: what it may still redeem
export interface Merchants { merchants: Merchant[]; scopes: { scope: Scope; only: number; atLeast: number }[]; registrar: boolean; sited: boolean } // sited: the community says where it lies
export interface Visit { id: Id; name: string; home: boolean; sync: SyncPill; fault?: Fault } // a community of this computer; fault: why it is not open, name: its folder
export interface Visits { visits: Visit[]; scope: Scope | ''; text: string; until: number } // scope, text, until: this merchant's own certificate

export interface Backups { folder: string; own: boolean; same: boolean; backups: { name: string; made: number; bytes: number }[]; fault?: Fault } // own: in the data folder; same: on its disk

// Every call: name -> [request, reply].
export interface Calls {
  'app.state': [Record<string, never>, AppState]
  'app.operator': [{ name: string }, Record<string, never>]
  'app.confirmClock': [Record<string, never>, Record<string, never>] // the operator's word that today's date is right
  'app.search': [{ q: string }, { people: PersonRow[]; activities: ActivityRow[]; offers: Offer[] }]
  'settings.save': [Partial<Settings>, Settings]

  'session.list': [Record<string, never>, { people: Opener[] }] // who has a key at this device
  'session.open': [Sign, Record<string, never>]
  'session.lock': [Record<string, never>, Record<string, never>]
  'session.touch': [Record<string, never>, Record<string, never>] // a hand is on the screen
  'session.change': [Sign & { new: string }, Record<string, never>] // one's own PIN
  'operators.list': [Record<string, never>, { people: Staff[]; waiting: StaffWaiting[]; must: boolean; registrar: boolean }]
  'operators.begin': [{ name: string; pin: string }, Record<string, never>] // the first PIN at a device
  'operators.add': [{ id: Id; name: string; role: '' | StaffRole; until: number; pin: string }, Record<string, never>] // pin '': named in the charter only
  'operators.change': [{ id: Id; name: string; role: StaffRole; until: number }, Record<string, never>]
  'operators.withdraw': [{ id: Id; device: Id }, Record<string, never>] // device '' = everywhere
  'operators.answer': [{ key: string; role: StaffRole; yes: boolean }, Record<string, never>]
  'operators.unlock': [{ id: Id; device: Id }, Record<string, never>]
  'operators.rule': [{ must: boolean }, Record<string, never>]
  'operators.recover': [{ recovery: string; name: string; pin: string }, Record<string, never>] // by the printed recovery key

  'setup.create': [{ community: string; parent: string; office: string; operator: string; grids: string[]; level?: Tier; pin?: string }, { recoveryKey: string; fault?: Fault }]
  'setup.checkRecovery': [{ text: string }, { ok: boolean }]
  'recovery.look': [Record<string, never>, { registrar: boolean; checked: boolean; main: string; online: boolean; last: number; standby: string; from: number; unheard: string[] }] // from: this is the standby, and when it may take over; else 0
  'recovery.renew': [Record<string, never>, { recoveryKey: string }]
  'recovery.takeOver': [{ text: string; withdraw: boolean }, Record<string, never>]
  'recovery.standIn': [{ withdraw: boolean }, Record<string, never>] // the standby takes over
  'devices.certify': [{ ids: Id[] }, Record<string, never>] // of the alarm late: they are let in again
  'above.look': [Record<string, never>, { registrar: boolean; name: string; fingerprint: string }]
  'above.name': [{ text: string }, Record<string, never>] // introduction of the level above; '' = none
  'above.request': [Record<string, never>, AboveRequest] // that this computer become the main one
  'above.read': [{ text: string }, AboveRequest]
  'above.appoint': [{ text: string; fingerprint: string }, { text: string }] // fingerprint as it was heard
  'above.takeOver': [{ text: string; withdraw: boolean }, Record<string, never>]
  'devices.standby': [{ id: Id }, Record<string, never>] // '' = none
  'setup.restore': [{ path: string; key: string }, { community: Id; made: number }]
  'backup.state': [Record<string, never>, Backups]
  'backup.now': [Record<string, never>, Backups]
  'backup.folder': [{ path: string }, Backups] // '' = in the data folder
  'setup.readTicket': [{ text: string }, TicketPreview]
  'setup.join': [{ text: string; device: string; operator: string; pin?: string }, Record<string, never>] // then event 'state' until phase is 'ready'
  // A community of the same room: offices that let computers in just now, knocking at one, and what comes of it (event 'state').
  'setup.offices': [Record<string, never>, { lan: boolean; offices: NearOffice[] }] // takes a second
  'setup.knock': [{ id: Id; address: string; name: string }, Record<string, never>] // an office that was seen, or a typed address
  'setup.knocking': [Record<string, never>, Knocking]
  'setup.agree': [{ operator: string; pin: string }, Record<string, never>]
  'setup.leave': [Record<string, never>, Record<string, never>]
  'setup.anew': [Record<string, never>, Record<string, never>] // a copied device puts its data aside and begins as a new one
  'setup.sample': [Record<string, never>, Record<string, never>]

  'home.get': [Record<string, never>, Home]
  'stats.month': [{ month: string }, Month]

  'people.list': [Page & { q: string; grid: string; sort: 'name' | 'year' | 'spendable' | 'lifetime' | 'created'; desc: boolean }, { total: number; rows: PersonRow[] }]
  'people.saveGrids': [{ grids: { id: string; name: string }[] }, { grids: { id: string; name: string; n: number }[]; places: { id: string; name: string }[] }] // the whole list; id '' is a new one, what is missing goes
  'people.grids': [Record<string, never>, { grids: { id: string; name: string; n: number }[]; places: { id: string; name: string }[] }]
  'people.get': [{ id: Id }, Person] // full data: written to the view log
  'newcomer.list': [Record<string, never>, { on: boolean; waiting: Newcomer[]; ended: Newcomer[] }]
  'newcomer.accept': [{ id: Id; person: NewPerson }, { id: Id; existing: boolean; code: string; onTheWay: number }]
  'newcomer.refuse': [{ id: Id; reason: string }, Record<string, never>]
  'newcomer.rule': [Record<string, never>, { on: boolean; registrar: boolean }] // who has no card may apply on the phone page
  'newcomer.setRule': [{ on: boolean }, Record<string, never>]
  'people.register': [NewPerson, { id: Id; existing: boolean; code: string; onTheWay: number }]
  'people.update': [{ id: Id; fields: Partial<NewPerson> & { shop?: Id; flags?: string[] } }, Person]
  'people.settle': [{ id: Id; field: string; value: string }, Person]
  'people.passbook': [Page & { id: Id }, { total: number; lines: Line[] }] // newest first
  'people.card': [{ ids: Id[] }, { cards: Card[] }]
  'people.replaceCard': [{ id: Id; pin?: string }, Card] // no pin: a card without one
  'people.blockCard': [{ id: Id }, Person]
  'people.doubles': [Record<string, never>, { rows: LikelyPair[]; joined: { person: PersonRow; records: number; many: boolean }[]; office: boolean }]
  'people.similar': [NewPerson, { rows: { person: PersonRow; reasons: Likeness[] }[] }] // who may be the person of a form
  'people.records': [{ ids: Id[]; full: boolean }, Records] // of one person, or two that may be one; every look is logged; full: with whole telephone and ID numbers
  'people.join': [{ a: Id; b: Id }, { state: JoinState }] // at a station: a request
  'people.apart': [{ id: Id }, { state: JoinState }]
  'people.different': [{ a: Id; b: Id }, { state: JoinState }]
  'people.views': [{ id: Id; offset: number; limit: number }, { device: string; total: number; rows: Look[] }] // who looked, on this device
  'people.consents': [{ id: Id }, Consents]
  'people.consent': [{ id: Id; purpose: ConsentPurpose; given: boolean; how: ConsentWay; on: number }, Consents]
  'people.eraseLook': [{ id: Id }, StillOpen]
  'people.erase': [{ id: Id; name: string }, { devices: number }] // name: typed once more; devices: other staff devices, which follow
  'people.moveLook': [{ id: Id; partner: Id }, MoveLook] // with a partner: asks the devices in reach for what they hold
  'people.moveAway': [{ id: Id; partner: Id; consent: 'self' | 'guardian'; name: string }, MoveLook] // name: typed once more
  'people.movers': [Record<string, never>, { registrar: boolean; arrivals: Arriving[]; departures: Departure[] }]
  'people.arrive': [{ burn: string; as: Id }, { id: Id; existing: boolean; code: string; onTheWay: number }] // as '': registers, or finds the same
  'people.household': [{ household: Id; members: Id[]; head: Id }, { household: Id }] // '' = a new one
  'household.book': [{ id: Id; offset: number; limit: number; paper: boolean }, HouseholdBook] // of the household to which a person belongs; paper: no more than its members see of each other
  'household.rule': [Record<string, never>, { on: boolean; registrar: boolean }] // members see each other's points on their phones
  'household.setRule': [{ on: boolean }, Record<string, never>]
  'people.rosterPreview': [{ text: string; file: string }, RosterPreview] // file: base64 of an .xlsx, or ''
  'people.rosterImport': [{ token: string }, { count: number; undo: string; points: Brought }]
  'people.rosterUndo': [{ undo: string }, { count: number }]

  'deed.record': [{ person: Id; item: string; at: number; minutes: number; count?: number; hard?: number; note: string; witness: string; line: string }, { points: number; onTheWay: boolean; capped: boolean; lifetime: number; here: number; spendable: number; settled: number; debt: number; ref: Ref | null; again: boolean }]
  'deed.takeBack': [{ deed: Id }, Record<string, never>] // recorded here and not paid
  'deed.today': [Record<string, never>, { rows: MadeDeed[] }] // recorded today outside of activities, the latest first
  // settled: of the points, what goes to a debt; debt: still owed then; item: by the rulebook, then points is 0; onTheWay: to be taken by the device that books it; again: somebody else had recorded it
  'deed.deduct': [{ person: Id; points: number; reason: string; item?: string; at?: number; witness?: string }, { taken: number; debt: number; onTheWay: number; ref: Ref }]
  'correction.look': [{ hash: string }, Consequences]
  'correction.make': [{ hash: string; reason: string }, { state: 'done' | 'open'; back: number; taken: number; debt: number; ref: Ref }]
  'correction.withdraw': [{ hash: string }, Record<string, never>]
  'correction.list': [Record<string, never>, { open: number; rows: Correction[] }]
  'ledger.undo': [{ ref: Ref }, Record<string, never>]

  'scheme.get': [Record<string, never>, Scheme]
  'claim.post': [{ people: Id[]; item: string; at: number; minutes: number; count: number; hard: number; note: string; witness: string; via: 'grid' | 'desk' }, { posted: number; points: number; double: Id[] }]
  'claim.list': [{ person: Id | '' }, { rows: Claim[]; counts: Partial<Record<ClaimState, number>> }]
  'claim.confirm': [{ id: Id; sign?: Sign }, Claim] // sign: of somebody else than who sits here
  'claim.review': [{ id: Id; yes: boolean; why: string; sign?: Sign }, Claim]
  'claim.ask': [{ id: Id; text: string; sign?: Sign }, Claim] // it waits for its claimant
  'claim.reply': [{ id: Id; text: string }, Claim] // said at the counter
  'claim.tell': [{ id: Id; how: 'paper' | 'call' | 'door' }, Claim]
  'claim.appeal': [{ id: Id; text: string }, Claim]
  'claim.answer': [{ id: Id; yes: boolean; why: string; sign?: Sign }, Claim] // yes: the objection is right, the claim falls
  'claim.withdraw': [{ id: Id }, Claim]
  'photo.list': [{ person: Id; of: string }, { photos: Photo[]; max: number }]
  'photo.add': [{ person: Id; of: string; file: string }, { photos: Photo[]; max: number }] // file: base64
  'photo.get': [{ person: Id; hash: string }, { jpeg: string }] // base64
  'photo.takeDown': [{ person: Id; hash: string; why: string }, Record<string, never>]
  'claim.families': [{ grid: Id | ''; address: string }, { families: Family[] }] // whose address begins so
  'ranking.get': [{ by: Ranking['by']; span: string }, Ranking] // span yyyy or yyyy-mm, '' this year; rows are empty while it is off
  'ranking.set': [{ level: Ranking['level'] }, Record<string, never>]
  'assess.list': [Record<string, never>, { rows: RoundRow[]; registrar: boolean }]
  'assess.begin': [{ title: string; span: string; items: string[]; days: number }, { id: Id }] // span yyyy-mm or yyyyqn
  'assess.get': [{ id: Id }, RoundView]
  'assess.score': [{ id: Id; cells: { home: Id; item: string; n: number }[] }, Record<string, never>] // over several that differ: settles it
  'assess.sheetPreview': [{ id: Id; file: string }, ScorePreview] // a workbook of the grid, base64
  'assess.sheetImport': [{ token: string }, Record<string, never>]
  'assess.present': [{ id: Id; people: Id[] }, Record<string, never>]
  'assess.publish': [{ id: Id }, Record<string, never>]
  'assess.object': [{ id: Id; home: Id; text: string }, Record<string, never>]
  'assess.answer': [{ id: Id; home: Id; tag: string; yes: boolean; why: string; scores: number[] }, Record<string, never>]
  'assess.book': [{ id: Id }, { claims: number; points: number; double: number }]
  'assess.drop': [{ id: Id }, Record<string, never>]
  'selection.list': [Record<string, never>, { rows: SelectionRow[]; registrar: boolean }]
  'selection.begin': [{ title: string; kind: SelectionRow['kind']; places: number; choices: number; item: string; grant: number; days: number; phone: boolean }, { id: Id }]
  'selection.get': [{ id: Id }, SelectionView]
  'selection.nominate': [{ id: Id; person: Id | ''; name: string; text: string }, Record<string, never>] // name: of a project
  'selection.judge': [{ id: Id; nominee: Id; yes: boolean; why: string }, Record<string, never>] // over several that differ: settles it
  'selection.check': [{ id: Id }, Record<string, never>]
  'selection.open': [{ id: Id }, Record<string, never>]
  'selection.voter': [{ id: Id; person: Id }, { voted: boolean; at: number; device: string }]
  'selection.vote': [{ id: Id; person: Id; lines: number[] }, Record<string, never>]
  'selection.tally': [{ id: Id }, Record<string, never>]
  'selection.publish': [{ id: Id; lines: number[] }, Record<string, never>]
  'selection.object': [{ id: Id; nominee: Id; text: string }, Record<string, never>]
  'selection.answer': [{ id: Id; nominee: Id; tag: string; yes: boolean; why: string }, Record<string, never>]
  'selection.decide': [{ id: Id; grants: { line: number; yuan: number }[] }, Record<string, never>]
  'selection.honour': [{ id: Id }, { claims: number; points: number; double: number }]
  'selection.drop': [{ id: Id }, Record<string, never>]
  'council.proposals': [Record<string, never>, { rows: Proposal[] }]
  'council.propose': [{ person: Id; text: string }, { id: Id }]
  'council.reply': [{ id: Id; state: ProposalFate; text: string }, Record<string, never>]
  'lists.get': [Record<string, never>, PublicLists]
  'lists.set': [{ on: boolean }, Record<string, never>]
  'scheme.at': [{ version: number }, Scheme]
  'scheme.save': [{ head?: SchemeHead; items: Item[] }, Scheme] // without a head that of the version in force stays
  'scheme.versions': [Record<string, never>, { versions: SchemeVersion[] }] // newest first; rival: made apart under a number that another holds
  'scheme.restore': [{ version: number }, Scheme] // becomes the next version
  'scheme.above': [{ file: string }, SchemeAbove] // what taking a file of the level above in would do; base64
  'scheme.adopt': [{ file: string; why: string }, Scheme]
  'scheme.read': [{ text: string; file: string; ready: string }, SchemeDraft] // file: base64 of an .xlsx, or ''; ready: the id of a ready-made one, or ''; writes nothing
  'scheme.ready': [Record<string, never>, { books: ReadyBook[] }] // rulebooks that a community can begin with

  'activity.list': [Page & { from: number; to: number; q: string }, { total: number; rows: ActivityRow[] }]
  'activity.get': [{ id: Id }, Activity]
  'activity.publish': [NewActivity, { id: Id }]
  'activity.update': [{ id: Id; fields: Partial<NewActivity> }, Activity]
  'activity.cancel': [{ id: Id }, Record<string, never>]
  'activity.signUp': [{ id: Id; people: Id[] }, Activity]
  'activity.signOff': [{ id: Id; person: Id }, Activity]
  'activity.promote': [{ id: Id; person: Id }, Activity]
  'activity.paste': [{ id: Id; text: string; apply: boolean }, { matched: { name: string; person: Id }[]; unmatched: string[]; ambiguous: { name: string; people: PersonRow[] }[] }]
  'activity.checkIn': [{ id: Id; person: Id; how: 'roll' | 'card'; out: boolean }, Activity]
  'activity.scanCard': [{ id: Id; text: string }, { activity: Activity; person: Id; masked: string; out: boolean; again: boolean }]
  'activity.after': [{ id: Id; rows: { person: Id; inAt: number; outAt: number }[] }, Activity]
  'activity.code': [{ id: Id }, CheckInCode]
  'activity.finish': [{ id: Id }, { people: number; points: number; onTheWay: number; nothing: number }] // nothing: who were there and get none

  'order.board': [{ grid: string; type: string }, { columns: { state: OrderState; total: number; rows: OrderRow[] }[]; types: string[]; badge: OrderBadge }]
  'order.list': [Page & { state: string; person: Id }, { total: number; rows: OrderRow[] }]
  'order.get': [{ id: Id }, Order]
  'order.badge': [Record<string, never>, OrderBadge]
  'order.fitting': [{ id: Id }, { rows: Fitting[] }] // whose skills fit it, the best first
  'order.parties': [Record<string, never>, { teams: Team[]; merchants: { id: Id; name: string }[] }]
  'order.post': [NewOrder, Order]
  'order.cancel': [{ id: Id; why: string }, Order] // why: withdrawn, solved, double, impossible
  'order.dispatch': [{ id: Id; kind: PartyKind; party: Id; item: string; tell: boolean; seen: Id }, Order] // tell: a merchant gets address and phone; seen: the dispatch the screen showed
  'order.answer': [{ id: Id; offer: Id; yes: boolean; why: string }, Order] // why: busy, far, skill, away, other
  'order.reply': [{ id: Id; text: string }, Order]
  'order.done': [{ id: Id; offer: Id; minutes: number; helpers: Id[] }, Order]
  'order.review': [{ id: Id; stars: number; text: string; via: 'desk' | 'callback' }, Order]
  'order.settle': [{ id: Id; offer: Id }, Order] // of two dispatches made apart
  'order.performance': [{ from: string; to: string }, Performance] // days yyyy-mm-dd
  'project.list': [{ all: boolean }, { projects: Project[] }]
  'project.save': [{ id: Id; name: string; type: string; note: string; item: string; closed: boolean }, { id: Id }]
  'team.list': [{ all: boolean }, { teams: Team[] }]
  'team.save': [{ id: Id; name: string; lead: Id; closed: boolean; members: Id[] }, { id: Id }]
  'survey.list': [Record<string, never>, { surveys: Survey[] }] // newest first
  'survey.save': [{ title: string; forms: number; votes: { project: Id; name: string; n: number }[]; rules: SurveyRule[] }, { id: Id }]
  'job.list': [Record<string, never>, { jobs: Job[] }] // the merchant's own
  'job.answer': [{ id: Id; offer: Id; yes: boolean; why: string }, Job]
  'job.done': [{ id: Id; offer: Id; minutes: number }, Job]
  'job.reply': [{ id: Id; offer: Id; text: string }, Job]

  'shop.offers': [{ all: boolean }, { offers: Offer[] }]
  'shop.save': [{ id: Id; name: string; unit: string; kind: Offer['kind']; points: number; minimum: number; icon: string; active: boolean; code: string; cost: number }, Offer]
  'shop.photo': [{ offer: Id; file: string }, Offer] // file: base64, '' takes the picture away
  'shop.picture': [{ hash: string }, { jpeg: string }] // base64
  'fund.get': [{ year: string }, FundYear] // yyyy
  'fund.add': [Pick<FundEntry, 'kind' | 'fen' | 'day' | 'who' | 'word' | 'voucher' | 'grant'>, { id: Id }] // the office's
  'fund.undo': [{ id: Id; why: string }, Record<string, never>]
  'bylaw.get': [Record<string, never>, BylawReply]
  'bylaw.save': [{ text: string; least: number; from: number }, BylawReply] // the office's; from: today's beginning or later
  'shop.about': [Record<string, never>, ShopAbout]
  'shop.saveAbout': [ShopAbout, Record<string, never>]
  'shop.terms': [Record<string, never>, { terms: Term[] }]
  'shop.saveTerms': [{ terms: Term[] }, { terms: Term[] }]
  'pass.issue': [{ person: Id; until: string }, PassSlip] // until: the last day, yyyy-mm-dd
  'shop.receive': [{ offer: Id; n: number; why: string }, Offer]
  'shop.count': [{ counts: { offer: Id; n: number }[]; why: string }, { changed: StockMove[] }]
  'shop.stockMoves': [Page & { sold?: boolean }, { total: number; rows: StockMove[] }]

  'till.scan': [{ text: string; person?: Id }, Scan] // person: whose account is open
  'till.pull': [{ person: Id; need: number }, Account & { missing: string[] }] // asks the devices in reach until need points are here; missing: who gave no answer
  'till.redeem': [{ person: Id; pick?: Id; lines: { offer: Id; n: number }[]; pin?: string; word?: boolean }, Receipt] // pick: the order that is fetched; neither pin nor word: refused with till.proof above the community's amount
  'till.reserve': [{ person: Id; lines: { offer: Id; n: number }[] }, Reservation]
  'till.reservations': [Record<string, never>, { rows: Reservation[]; lapsed: Reservation[] }] // lapsed: of the last week
  'till.endReservation': [{ id: Id; state: 'done' | 'cancelled' }, Record<string, never>]
  'till.today': [{ day: string }, { receipts: Receipt[]; total: number }] // day: yyyy-mm-dd, '' = today

  'card.rule': [Record<string, never>, { above: number; most: number; registrar: boolean; pin: boolean }] // points a day above which the holder is to be proven, 0 = never; pin: PINs can be set
  'card.setRule': [{ above: number }, Record<string, never>]
  'limits.get': [Record<string, never>, { till: number; start: number; keep: number; appeal: number; ask: number; most: number; mostKeep: number; mostAppeal: number; mostAsk: number; registrar: boolean }] // points that may rest at a till; handed out after a start until another was met, 0 = without bound; days that goods stay reserved, that papers give to object, that a claim waits for its claimant
  'limits.set': [{ till: number; start: number; keep: number; appeal: number; ask: number }, Record<string, never>]

  'voucher.tills': [Record<string, never>, { tills: VoucherTill[] }]
  'voucher.issue': [{ person: Id; points: number; till: Id; until: string }, VoucherSlip] // until: the last day, yyyy-mm-dd
  'voucher.slip': [{ hash: string }, VoucherSlip]
  'voucher.list': [{ person: Id }, { rows: VoucherRow[] }] // person '' = all; newest first
  'voucher.recall': [{ hash: string }, Record<string, never>] // asks its till to send it home
  'voucher.return': [{ text: string }, { points: number; until: number }] // takes it and sends its points home, unspent

  'year.list': [Record<string, never>, { years: Year[]; grace: number; quarterly: boolean; registrar: boolean }] // newest first; grace in days
  'year.cohorts': [{ quarterly: boolean }, Record<string, never>] // how what is earned from now on ends
  'year.grace': [{ days: number }, Record<string, never>]
  'year.close': [{ period: string; points: number; people: number }, Record<string, never>] // the numbers that were confirmed; refused if they have changed
  'year.final': [{ period: string }, Record<string, never>]
  'budget.get': [Record<string, never>, Budget]
  'budget.set': [{ points: number; incomeFen: number; second: string; sign?: Sign }, Record<string, never>] // second: another operator, to raise a budget that was fixed
  'base.start': [{ points: number; second: string; sign?: Sign }, Record<string, never>]
  'base.stop': [Record<string, never>, Record<string, never>]

  'honour.table': [Record<string, never>, HonourTable]
  'honour.save': [HonourTable, HonourTable] // the whole table; the registrar's device alone
  'honour.stats': [Record<string, never>, HonourStats]
  'honour.person': [{ person: Id }, Standing]
  'honour.use': [{ person: Id; benefit: Id; n: number }, { ref: Ref; standing: Standing }]
  'honour.pull': [{ person: Id; benefit: Id; n: number }, Standing] // asks the devices in reach
  'honour.today': [{ day: string }, { rows: { hash: string; doc: string; seq: number; at: number; masked: string; name: string; unit: string; n: number; operator: string; undone: boolean }[] }]

  'award.days': [Record<string, never>, { days: AwardDay[] }]
  'award.open': [{ title: string }, AwardDay]
  'award.get': [{ id: Id }, { day: AwardDay; gifts: AwardGift[] }]
  'award.list': [{ day: Id; people: Id[]; lines: { offer: Id; n: number }[]; home: boolean }, Record<string, never>] // the same for each of them
  'award.strike': [{ id: Id }, Record<string, never>]
  'award.redeem': [{ id: Id }, Omit<AwardGift, 'grid' | 'phone' | 'address'>] // one gift, one commit
  'award.deliver': [{ id: Id; by: string }, Omit<AwardGift, 'grid' | 'phone' | 'address'>] // by '' takes the note back

  'credit.table': [Record<string, never>, CreditTable & { registrar: boolean }]
  'credit.setTable': [CreditTable, CreditTable & { registrar: boolean }]
  'credit.list': [Page & { show: string }, CreditList] // show: all, due, force, void
  'credit.person': [{ person: Id }, PersonCredit]
  'credit.consent': [{ person: Id; present: boolean }, PersonCredit]
  'credit.withdraw': [{ person: Id }, PersonCredit]
  'credit.assess': [{ person: Id }, CreditLine] // the next version, by the points of now
  'credit.certificate': [{ line: string }, CreditPaper]
  'credit.check': [{ text: string }, CreditChecked] // needs no network

  'partners.list': [Record<string, never>, Partners]
  'partners.site': [Site, Record<string, never>]
  'partners.read': [{ text: string }, Introduction]
  'partners.agree': [{ id: Id; text: string; ours: number; theirs: number; peg: number; until: string }, Record<string, never>] // text: an introduction; else id of a partner
  'partners.letter': [{ file: string; upload?: string; more?: boolean }, { upload: string; from: string; items: number; moved: number }] // base64, in pieces as devices.import
  'partners.make': [{ id: Id }, { made: boolean }]
  'partners.answer': [{ id: Id; statement: string; why: string; reference: string }, Record<string, never>] // why '' agrees
  'partners.received': [{ id: Id; statement: string; why: string; reference: string }, Record<string, never>]
  'stats.span': [{ from: string; to: string }, Figured] // months, both with it, at most 24
  'report.outcomes': [{ month: string; outcomes: Outcome[] }, Record<string, never>]
  'report.make': [{ month: string }, { number: number; made: boolean }] // the main device's; made false: the last one says the same
  'report.table': [{ from: string; to: string }, ReportTable]
  'report.community': [{ id: Id; from: string; to: string }, { row: ReportRow; months: MonthReport[]; missing: string[] }]
  'report.import': [{ file: string }, { carrier: string; came: CameReport[] }] // base64 of a report file
  'report.list': [{ text: string; level: Tier }, Record<string, never>] // an introduction whose fingerprint was compared
  'report.drop': [{ id: Id }, Record<string, never>]
  'report.urge': [{ month: string; ids: Id[] }, Record<string, never>]
  'hours.person': [{ id: Id; from: string; to: string }, PersonHours] // days; '' = since ever, until today
  'hours.issue': [{ id: Id; from: string; to: string }, HoursPaper]
  'hours.papers': [Record<string, never>, { papers: HoursPaper[] }]
  'hours.sheet': [{ code: string }, HoursSheet]
  'hours.due': [{ platform: Platform; from: string; to: string }, HoursDue]
  'hours.layout': [{ platform: Platform; columns: HoursColumn[] }, Record<string, never>]
  'wall.get': [Record<string, never>, Wall] // also on a locked device: nothing that a passer-by may not read
  'publicity.list': [{ all: boolean }, { notices: Notice[] }] // all: also what is over, ahead or withdrawn
  'publicity.shown': [Record<string, never>, { notices: Posted[] }] // what hangs now for merchants
  'publicity.post': [NoticeDraft, { id: Id }]
  'publicity.withdraw': [{ id: Id; reason: string }, Record<string, never>]
  'duty.list': [Record<string, never>, { duties: Duty[] }] // and those that ended lately
  'duty.open': [DutyDraft, { id: Id }]
  'duty.hand': [{ id: Id; person: Id }, Record<string, never>] // person '' = nobody
  'duty.end': [{ id: Id; reason: string }, Record<string, never>]
  'duty.done': [{ id: Id; at: number; minutes: number; note: string; witness: string }, Calls['deed.record'][1]] // a deed of who has it
  'council.list': [Record<string, never>, { meetings: Minutes[] }] // without who came
  'council.get': [{ id: Id }, Minutes]
  'council.enter': [MinutesDraft, { id: Id }]
  'council.seats': [Record<string, never>, { seats: Seat[] }]
  'council.seat': [{ person: Id; role: string; from: number; until: number }, { id: Id }]
  'council.unseat': [{ id: Id; at: number; reason: string }, Record<string, never>]
  'council.strike': [{ id: Id; reason: string }, Record<string, never>]
  'council.act': [{ id: Id; matter: number; text: string; names: NamesHow }, Record<string, never>]
  'hours.send': [{ platform: Platform; from: string; to: string }, { batch: number; services: number }]
  'settle.list': [Record<string, never>, SettleList] // a merchant gets its own alone
  'settle.history': [Page & { place: Id }, { total: number; rows: Settlement[] }] // newest first; place '' = what was paid to all
  'settle.make': [{ place: Id; today: boolean }, { made: Settlement[] }] // place '' = all
  'settle.paid': [{ ids: string[]; reference: string }, Record<string, never>]
  'settle.terms': [{ place: Id; payee: string; account: string; bank: string; peg: number }, Record<string, never>]
  'settle.sheet': [{ id: string }, SettleSheet]

  'merchants.list': [Record<string, never>, Merchants]
  'merchants.scope': [{ place: Id; scope: Scope }, Merchants]
  'merchants.renew': [{ text: string }, Merchants]
  // A merchant's computer in other communities. Every other call may carry "visit", the community it is for (bridge/visit.ts).
  'visits.list': [Record<string, never>, Visits]
  'visits.join': [{ text: string }, { id: Id }]

  'devices.list': [Record<string, never>, Devices]
  'devices.ticket': [{ role: Role; name: string; placeName: string }, Ticket]
  // Letting a computer of the same room in: two minutes, three tries (event 'devices').
  'devices.meet': [{ on: boolean }, Record<string, never>]
  'devices.meeting': [Record<string, never>, Meeting]
  'devices.meetPick': [{ id: Id; role: Role; name: string; placeName: string }, Record<string, never>]
  'devices.meetCode': [{ code: string }, Record<string, never>] // the digits on the new computer's screen
  'alarms.list': [Record<string, never>, { alarms: Alarm[]; registrar: boolean }]
  'devices.keep': [{ id: Id; stays: 'running' | 'stopped' }, Record<string, never>] // which of two copies goes on
  'devices.goOn': [{ id: Id }, Record<string, never>] // the book of a device that ended at an invalid entry is closed; it begins a new one
  'devices.aside': [Record<string, never>, { rows: { at: number; operator: string; masked: string; given: number; redeemed: number; again: boolean }[] }] // what stood behind an invalid entry here
  'devices.count': [{ id: Id }, Record<string, never>] // what a revoked device recorded unseen was honest work and counts
  'devices.soldSeen': [{ id: Id }, Record<string, never>] // somebody has looked at what a device sold after its book was closed
  'devices.asideSeen': [Record<string, never>, Record<string, never>]
  'app.missingSeen': [Record<string, never>, Record<string, never>]
  'devices.revoke': [{ id: Id }, Record<string, never>]
  'devices.addAddress': [{ id: Id; address: string }, Record<string, never>]
  'devices.import': [{ file: string; upload?: string; more?: boolean }, { received: number; from: string; upload: string }] // base64 of a bundle, or of its next piece
  'devices.pause': [{ on: boolean }, Record<string, never>] // close every socket, or open them again
  'audit.list': [AuditFilter & { offset: number; limit: number }, { total: number; rows: AuditRow[]; operators: string[]; devices: { id: Id; name: string }[]; kinds: string[] }] // who did what, the latest first
  'people.erasures': [{ offset: number; limit: number }, { total: number; rows: Erasure[] }] // who was erased, and which staff device has not said that it destroyed the keys
  'audit.report': [Record<string, never>, { device: Id; name: string; role: Role; incarnation: string; documents: Record<string, string>; readers: Record<string, Id[]>; balances: string; terms: Record<string, number>; negative: number }]
  'audit.has': [{ hashes: string[] }, { missing: string[] }]
  'devices.drives': [Record<string, never>, { drives: { path: string; name: string; free: number }[] }]
  'devices.exchange': [{ path: string }, { received: number; sent: number; files: number }] // 交换数据: reads what is for me on the stick, writes what the others lack
}

// Files: GET /api/file/<name>?..., answered with Content-Disposition: attachment.
//   people.xlsx?q=&grid=   person.html?id=   audit.xlsx?from=&to=&operator=&device=&kind=&person=   month.xlsx?month=yyyy-mm   activity.xlsx?id=   roster-errors.xlsx?token=   assess.xlsx?id=   assess-errors.xlsx?token=   scheme.xlsx?version=   scheme-errors.xlsx?token=   settle.xlsx?reference=&without=<ids>   fund.xlsx?year=   orders.xlsx?from=&to=   appraisal.xlsx?from=&to=   credit-check.html   letter?to=<community>   introduction.txt   netting.xlsx?with=<community>   report   statistics.xlsx?from=&to=<yyyy-mm>   reports.xlsx?from=&to=   hours.xlsx?platform=&batch=   bundle?to=<device>   ticket.txt?text=<ticket>
// Events (SSE GET /api/events, Wails event 'jishan'): { topics: Topic[] }: what changed, never the data; coalesced.
export type Topic = 'assess' | 'selection' | 'state' | 'people' | 'activity' | 'order' | 'shop' | 'ledger' | 'devices' | 'scheme' | 'settings' | 'settle' | 'partners' | 'report' | 'hours' | 'publicity' | 'duty' | 'fund'

// ---------------------------------------------------------------- phone pages: POST /phone/call/<name>, plain HTTP on the LAN; parameters and results cross it sealed (src/phone/seal.ts)
export interface PhoneMe { person: Id; masked: string; code: string; cardSvg: string; // the card's full code drawn
  lifetime: number; year: number; spendable: number; vouchers: number; onTheWay: number; debt: number; sessions: number; community: string; clock: number; honour: Standing; ranking: boolean; votes?: number; family?: number; rounds?: number; object?: number } // ranking: there is one that phones may show; votes: selections in which phones may vote, not yet in what an older page kept; nor family: how many of the household see each other's points here; rounds: assessments of the household, object: to how many it may object now
export interface PhoneActivity { id: Id; title: string; type: string; start: number; end: number; place: string; organiser: string; note: string; places: number; confirmed: number; pending: number; waiting: number; state: ActivityState; itemName: string; points: number; minutes: number; mine: '' | Attendee['status']; rank: number; inAt: number; outAt: number }
export interface PhoneRound { id: Id; title: string; span: string; state: 'published' | 'due' | 'booked'; until: number; points: number; scores: { name: string; unit: string; n: number; points: number }[]; objections: Pick<RoundObjection, 'at' | 'text' | 'answered' | 'right' | 'answer'>[]; objects: boolean } // of the own household; objects: it may object here now
export interface PhoneMember { masked: string; mine: boolean; lifetime: number; year: number; spendable: number }
export interface PhoneHousehold { members: PhoneMember[]; hidden: number; sums: Pick<PhoneMember, 'lifetime' | 'year' | 'spendable'>; total: number; lines: HouseholdLine[] } // hidden: members who object; of the others a line says when, how many and for which item
export interface PhoneBallot { id: Id; title: string; choices: number; voted: boolean; lines: { n: number; name: string; text: string }[] } // names masked, in the text, too
export interface PhoneShelf {
  place: string; days: number; rules?: Bylaw; free: number; lacks?: number // rules, lacks: not in what an older page kept; free: points that may be ordered with; lacks: points that are missing to redeem at all
  offers: { id: Id; name: string; unit: string; kind: Offer['kind']; icon: string; points: number; left: number; photo: string }[] // left -1: no end
  orders: { id: Id; pick: string; svg: string; at: number; until: number; points: number; state: Reservation['state']; lines: Reservation['lines'] }[]
}
export interface PhoneShop extends ShopAbout { place: Id; name: string; home: string; at: number; offers: Omit<PhoneShelf['offers'][number], 'left'>[] } // home: of a guest, its own community; at: up to when the station knows the shelf
export interface PhonePass { pass: PassSlip | null; places: { name: string; off: Off[] }[] } // null: nothing that a pass could say; places: where it is worth something
export interface PhoneVouchers { vouchers: VoucherSlip[]; sent: VoucherSlip[]; rows: { hash: string; till: string; points: number; at: number; until: number; state: VoucherState }[] } // vouchers: those nobody has used yet, drawn; sent: points on the way to the usual till (until is 0); rows: all, newest first
export interface PhoneClaim { id: Id; item: string; text: string; version: number; at: number; points: number; worth: number; note: string; state: ClaimState; until: number; days: number; told: number; why: string; appeal: string; appeals: boolean; photos: number; room?: number; asked?: Exchange[] } // appeals: may be objected to now; room: for further pictures in a reply; these two are not in what an older page kept
export interface PhoneCalls {
  'phone.hello': [Record<string, never>, { community: string; place: string; clock: number; apply?: boolean }]
  'phone.applyForm': [Record<string, never>, { grids: { id: string; name: string }[] }]
  'phone.apply': [PhoneApplication & { once: string }, { number: string }]
  'phone.applied': [{ number: string }, { state: Newcomer['state']; at: number; ended: number; reason: string }]
  'phone.signIn': [{ code: string; tail: string }, { token: string; me: PhoneMe }] // card code and the last four digits of the phone number (or of the ID number)
  'phone.me': [{ token: string }, PhoneMe]
  'phone.passbook': [{ token: string; offset: number; limit: number }, { total: number; lines: Line[] }]
  'phone.photos': [{ token: string; hash: string }, { hashes: string[] }] // of a line of the own book, by its transaction
  'phone.photo': [{ token: string; hash: string }, { jpeg: string }] // base64; photo.away: it is being fetched, ask again
  'phone.claims': [{ token: string }, { claims: PhoneClaim[] }] // notes nothing
  'phone.shown': [{ token: string; ids: Id[] }, { claims: PhoneClaim[] }] // deductions that stood on the page before the person's eyes: they were told
  'phone.rules': [{ token: string }, { items: Item[]; rules: Item[] }] // items: those that may be claimed from the phone
  'phone.shot': [{ token: string; name: string; at: number; piece: string }, { at: number }] // a piece of a picture, base64, at most 32 KiB before; named by the claim that follows
  'phone.claim': [{ token: string; item: string; at: number; minutes: number; count: number; hard: number; note: string; witness: string; shots: string[] }, { claims: PhoneClaim[] }]
  'phone.reply': [{ token: string; id: Id; text: string; shots: string[] }, { claims: PhoneClaim[] }]
  'phone.appealClaim': [{ token: string; id: Id; text: string }, { claims: PhoneClaim[] }]
  'phone.activities': [{ token: string }, { rows: PhoneActivity[] }] // token may be ''
  'phone.activity': [{ token: string; id: Id }, PhoneActivity]
  'phone.signUp': [{ token: string; id: Id; once: string }, PhoneActivity] // once: a number the page made, so that a resend counts once
  'phone.signOff': [{ token: string; id: Id; once: string }, PhoneActivity]
  'phone.board': [{ token: string }, { notices: Posted[] }] // what hangs now; token may be ''
  'phone.wishes': [{ token: string }, { mine: PhoneWish[]; given: PhoneWish[] }] // given: to me or my team
  'phone.wish': [{ token: string; id: Id }, PhoneWish]
  'phone.postWish': [{ token: string; type: string; project: Id; text: string; address: string; phone: string; once: string }, PhoneWish]
  'phone.cancelWish': [{ token: string; id: Id }, PhoneWish]
  'phone.reviewWish': [{ token: string; id: Id; stars: number; text: string }, PhoneWish]
  'phone.answerWish': [{ token: string; id: Id; offer: Id; yes: boolean; why: string }, PhoneWish]
  'phone.doneWish': [{ token: string; id: Id; offer: Id; minutes: number; with: Id[] }, PhoneWish]
  'phone.projects': [{ token: string }, { projects: PhoneProject[] }]
  'phone.like': [{ token: string; project: Id; on: boolean }, { projects: PhoneProject[] }]
  'phone.shelf': [{ token: string }, PhoneShelf] // token may be ''
  'phone.shops': [{ token: string }, { shops: PhoneShop[] }] // merchants; token may be ''
  'phone.pictures': [{ hashes: string[] }, { photos: Record<string, string> }] // of goods, at most 8; base64 by hash, without those that are not here
  'phone.order': [{ token: string; lines: { offer: Id; n: number }[]; pin: string; once: string }, PhoneShelf] // pin: of a card that has one, else refused with mall.pin
  'phone.cancelOrder': [{ token: string; id: Id }, PhoneShelf]
  'phone.ranking': [{ token: string; by: Ranking['by']; span: string }, PhoneRanking]
  'phone.rounds': [{ token: string }, { rounds: PhoneRound[] }]
  'phone.objectRound': [{ token: string; id: Id; text: string }, { rounds: PhoneRound[] }]
  'phone.household': [{ token: string; offset: number; limit: number }, PhoneHousehold]
  'phone.proposals': [{ token: string }, { rows: Proposal[] }]
  'phone.propose': [{ token: string; text: string; once: string }, { rows: Proposal[] }]
  'phone.selections': [{ token: string }, { rows: PhoneBallot[] }]
  'phone.vote': [{ token: string; id: Id; lines: number[] }, { rows: PhoneBallot[] }]
  'phone.tills': [{ token: string }, { tills: VoucherTill[]; most: number; days: number }]
  'phone.voucher': [{ token: string; points: number; till: Id; once: string }, PhoneVouchers]
  'phone.vouchers': [{ token: string }, PhoneVouchers]
  'phone.pass': [{ token: string }, PhonePass]
  'phone.recall': [{ token: string; hash: string }, PhoneVouchers]
  'phone.checkIn': [{ token: string; code: string; once: string; at: number }, PhoneActivity] // the rotating code's text, or its six digits
}
