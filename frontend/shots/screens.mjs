// What docs/screens.md shows: every screen once, by the names of list.mjs, and who uses
// it. screens.test.mjs compares this with the routes; docs.mjs makes pictures and page.
import { PICTURES } from './list.mjs'

const small = { width: 390, height: 844 }
export const SCREENS = [
  ['First run', [
    ['first', 'whoever switches a computer on for the first time: found, join, another computer, look around'],
    ['first-create', 'the office, once: founding a community in five fields'],
    ['first-key', 'the office, once: the recovery key is printed and typed back'],
    ['first-nearby', 'a new computer in the same room: which office is near'],
    ['first-join', 'a new computer elsewhere: the text of a ticket'],
    ['first-restore', 'whoever replaces a broken computer'],
    ['opening', 'any other browser on the computer: six digits open it'],
    ['lock-pin', 'whoever sits down next: name and PIN'],
  ]],
  ['Office', [
    ['home', 'clerk: today, and what waits'],
    ['search', 'clerk: one field for people, activities, goods, pages (Ctrl+K)'],
    ['people', 'clerk: everybody registered'],
    ['people-panel', 'clerk: one person, the passbook first'],
    ['people-household', 'clerk: the household, its points and its book'],
    ['people-data', 'lead: what is kept of a person, who looked, who agreed to what'],
    ['register', 'clerk, station keeper: somebody new'],
    ['deed', 'clerk, grid worker: a good deed'],
    ['deduct', 'clerk: a deduction, told before it counts'],
    ['import', 'clerk: the roster from Excel'],
    ['activities', 'clerk: what is planned, runs and is over'],
    ['activity-form', 'clerk: publishing an activity'],
    ['activity-overview', 'organiser: one activity'],
    ['activity-signup', 'organiser: who comes, who waits'],
    ['activity-qr', 'organiser: checking in by a code that changes'],
    ['activity-summary', 'organiser: minutes and points of everybody'],
    ['duties', 'clerk: lasting tasks and who has them'],
    ['orders', 'clerk: wishes of residents, from posted to reviewed'],
    ['orders-library', 'clerk: the services that can be asked for'],
    ['orders-teams', 'clerk: teams'],
    ['orders-performance', 'lead: who did how much, how fast, how well'],
    ['points', 'clerk, station keeper: the rulebook'],
    ['points-edit', 'lead: changing it'],
    ['scheme-ready', 'lead: a ready-made rulebook, or one from Excel'],
    ['claims', 'clerk: claims to review, in notice, objected to'],
    ['corrections', 'clerk: who asks for what to be corrected'],
    ['budget', 'lead: how many points may be given, base points'],
    ['honour', 'lead: levels and benefits'],
    ['credit', 'clerk: credit lines, with consent'],
    ['year', 'lead: the end of the year'],
    ['ranking', 'clerk: the ranking, where the community wants one'],
    ['assess-list', 'clerk: rounds in which a council scores households'],
    ['assess-grid', 'council: a round'],
    ['selection-list', 'clerk: selections in seven steps'],
    ['selection-vote', 'clerk: a selection while it is voted on'],
    ['selection-ballot', 'station keeper: votes by card'],
    ['shop', 'clerk, station keeper: goods, services and stock'],
    ['shop-today', 'clerk: what was redeemed today'],
    ['shop-reservations', 'clerk: what is kept for whom'],
    ['award', 'clerk: award days'],
    ['shop-moves', 'clerk: what came and went'],
    ['bylaw', 'office, station keeper: the rules of redemption'],
    ['settle', 'clerk: what merchants get'],
    ['settle-unpaid', 'clerk: sheets that are to be paid'],
    ['settle-paid', 'clerk: sheets that are paid'],
    ['merchants', 'lead: merchants, their scopes and keepers'],
    ['partners', 'lead: other communities, who moves'],
    ['publicity', 'clerk: notices'],
    ['council', 'clerk: minutes of the council'],
    ['proposals', 'clerk: what residents propose, to be answered'],
    ['wall-notice', 'everybody in the hall: the wall screen'],
    ['stats', 'clerk: figures'],
    ['stats-reports', 'lead: the month, signed for the street'],
    ['stats-hours', 'clerk: certificates of service'],
    ['audit', 'lead: who did what'],
    ['audit-refused', 'lead: what was not taken from other devices'],
    ['audit-differ', 'lead: where two devices differ'],
    ['audit-erasures', 'lead: who was erased'],
    ['devices', 'clerk: devices, exchange, alarms'],
    ['settings', 'clerk: look, network, operators, recovery, backup'],
    ['hub', 'street or county: which communities have reported what'],
  ]],
  ['Station', [
    ['station', 'station keeper: four large buttons'],
    ['station-more', 'station keeper: the rest'],
    ['station-checkin', 'station keeper: checking in and out'],
    ['station-deed', 'station keeper: a good deed'],
    ['station-wish', 'station keeper: a wish for somebody who has no phone'],
    ['station-query', 'elder with a card: how many points have I?'],
    ['station-day', 'station keeper: the end of the day'],
    ['till-office', 'station keeper: the till'],
    ['senior-station', 'station keeper with elders: senior mode'],
    ['senior-till-cart', 'the same at the till'],
  ]],
  ['Merchant', [
    ['till-ready', 'merchant: waiting for a card'],
    ['till-cart', 'merchant: an order'],
    ['till-refused', 'merchant: what is missing and what would help'],
    ['till-done', 'merchant: redeemed'],
    ['goods-merchant', 'merchant: own offers'],
    ['merchant-jobs', 'merchant: services to do'],
    ['settle-merchant', 'merchant: what is settled'],
  ]],
  ['Phone', [
    ['phone-home-out', 'resident: before signing in'],
    ['phone-signin', 'resident: card number and four digits'],
    ['phone-home', 'resident: my points, what is new'],
    ['senior-phone-home-24', 'elder: 大字'],
    ['phone-activities', 'resident: activities'],
    ['phone-activity', 'resident: one activity'],
    ['phone-checkin', 'resident: checking in'],
    ['phone-wishes', 'resident: my wishes'],
    ['phone-wish-new', 'resident: a new wish'],
    ['phone-wish', 'resident: how far it is'],
    ['phone-mall', 'resident: ordering goods'],
    ['phone-shops', 'resident: shelves of merchants'],
    ['phone-me', 'resident: everything of mine'],
    ['phone-book', 'resident: the passbook'],
    ['phone-rounds', 'resident: how the council scored the household, and objecting to it'],
    ['phone-household', 'resident: the household, where the community shows it'],
    ['phone-card', 'resident: the card as a code'],
    ['phone-voucher', 'resident: points as a code for one place'],
    ['phone-claims-list', 'resident: my claims'],
    ['phone-claims-new', 'resident: claiming points'],
    ['phone-told-deductions', 'resident: what is to be deducted, and the appeal'],
    ['phone-board', 'resident: notices'],
    ['ranking-phone', 'resident: the ranking'],
    ['selection-phone', 'resident: a vote'],
    ['proposals-phone', 'resident: proposals, and what was answered'],
  ]],
  ['Paper', [
    ['paper-passbook', 'elder with a paper book: the passbook'],
    ['paper-household', 'family: the household book'],
    ['paper-cards', 'clerk: cards to cut out'],
    ['paper-receipt', 'merchant, elder: the receipt, 58 mm'],
    ['paper-poster', 'everybody at the gate: an activity'],
    ['paper-signin', 'organiser without power: the sign-in sheet'],
    ['paper-credit', 'bank: a credit certificate'],
    ['paper-delivery', 'award day: who gets what'],
    ['paper-labels', 'shelf: price labels, eight a page'],
    ['bylaw-paper', 'shop: the rules of redemption'],
    ['publicity-paper', 'notice board: a notice'],
  ]],
]

// pictureOf finds a picture by its name; the shots of docs are 1280x800 and phone-sized
// unless the list gives them a size of their own.
export function pictureOf(name) {
  const found = PICTURES.find((p) => p.name === name)
  if (!found) throw new Error(`no picture is called ${name}`)
  return found.phone ? { ...found, size: small } : found
}

// markdown writes the page from the list, so that neither can be forgotten.
export function markdown() {
  const out = ['# Screens', '', 'Every screen in Chinese, of the sample data that the tests use, made by `make screens` (`frontend/shots/docs.mjs` by', '`frontend/shots/screens.mjs`; a test fails when a route or a phone page has no picture here). Senior mode: [elders](elders.md).', '']
  for (const [title, rows] of SCREENS) {
    out.push(`## ${title}`, '')
    for (const [name, who] of rows) out.push(`**${pictureOf(name).phone ? 'phone ' : ''}\`${pictureOf(name).path.split('?')[0]}\`** ${who}`, '', `<img src="screens/${name}.png" alt="${name}" width="${pictureOf(name).phone ? 260 : 640}">`, '')
  }
  return `${out.join('\n').trimEnd()}\n`
}
