import { createRouter, createWebHashHistory, type RouteRecordRaw } from 'vue-router'
import { useApp } from '@/state/app'
import { closeTop } from '@/state/layer'

// Hash routing: the window serves files only and a browser may be reloaded
// anywhere. meta.roles: who has this page; none means everybody.
const routes: RouteRecordRaw[] = [
  { path: '/', name: 'start', redirect: () => home() },
  { path: '/first', name: 'first', component: () => import('@/screens/first/FirstRun.vue') },
  { path: '/first/create', name: 'create', component: () => import('@/screens/first/CreateCommunity.vue') },
  { path: '/first/join', name: 'join', component: () => import('@/screens/first/JoinCommunity.vue') },
  { path: '/first/nearby', name: 'nearby', component: () => import('@/screens/first/NearbyOffice.vue') },
  { path: '/first/restore', name: 'restore', component: () => import('@/screens/first/RestoreDevice.vue') },
  { path: '/home', name: 'home', component: () => import('@/screens/home/HomeScreen.vue'), meta: { roles: ['office'] } },
  { path: '/people', name: 'people', component: () => import('@/screens/people/PeopleScreen.vue'), meta: { roles: ['office', 'station'] } },
  { path: '/people/newcomers', name: 'newcomers', component: () => import('@/screens/people/NewcomersScreen.vue'), meta: { roles: ['office', 'station'] } },
  { path: '/people/import', name: 'import', component: () => import('@/screens/people/RosterScreen.vue'), meta: { roles: ['office', 'station'] } },
  { path: '/activities', name: 'activities', component: () => import('@/screens/activity/ActivityList.vue'), meta: { roles: ['office', 'station'] } },
  { path: '/activities/duties', name: 'duties', component: () => import('@/screens/activity/DutiesScreen.vue'), meta: { roles: ['office', 'station'] } },
  { path: '/activities/:id/:tab?', name: 'activity', component: () => import('@/screens/activity/ActivityScreen.vue'), meta: { roles: ['office', 'station'] } },
  { path: '/orders/:tab?', name: 'orders', component: () => import('@/screens/order/OrdersScreen.vue'), meta: { roles: ['office', 'station'] } },
  { path: '/jobs', name: 'jobs', component: () => import('@/screens/order/JobsScreen.vue'), meta: { roles: ['merchant'] } },
  { path: '/points', name: 'points', component: () => import('@/screens/points/PointsScreen.vue'), meta: { roles: ['office', 'station'] } },
  { path: '/points/claims', name: 'claims', component: () => import('@/screens/points/ClaimsScreen.vue'), meta: { roles: ['office', 'station'] } },
  { path: '/points/import', name: 'schemeImport', component: () => import('@/screens/points/SchemeImport.vue'), meta: { roles: ['office'] } },
  { path: '/points/budget', name: 'budget', component: () => import('@/screens/points/BudgetScreen.vue'), meta: { roles: ['office', 'station'] } },
  { path: '/points/corrections', name: 'corrections', component: () => import('@/screens/points/CorrectionsScreen.vue'), meta: { roles: ['office', 'station'] } },
  { path: '/points/honour', name: 'honour', component: () => import('@/screens/honour/HonourScreen.vue'), meta: { roles: ['office', 'station'] } },
  { path: '/points/credit', name: 'credit', component: () => import('@/screens/credit/CreditScreen.vue'), meta: { roles: ['office', 'station'] } },
  { path: '/points/year', name: 'year', component: () => import('@/screens/points/YearScreen.vue'), meta: { roles: ['office'] } },
  { path: '/honours/:tab?/:id?', name: 'honours', component: () => import('@/screens/honours/HonoursScreen.vue'), meta: { roles: ['office', 'station'] } },
  { path: '/shop/:tab?', name: 'shop', component: () => import('@/screens/shop/ShopScreen.vue') },
  { path: '/settle/:tab?', name: 'settle', component: () => import('@/screens/settle/SettleScreen.vue'), meta: { roles: ['office', 'merchant'] } },
  { path: '/partners', name: 'partners', component: () => import('@/screens/partners/PartnersScreen.vue'), meta: { roles: ['office'] } },
  { path: '/till', name: 'till', component: () => import('@/screens/till/TillScreen.vue') },
  { path: '/stats/:tab?', name: 'stats', component: () => import('@/screens/stats/StatsScreen.vue'), meta: { roles: ['office', 'station'] } },
  { path: '/wall', name: 'wall', component: () => import('@/screens/wall/WallScreen.vue'), meta: { roles: ['office', 'station'] } },
  { path: '/publicity/:tab?', name: 'publicity', component: () => import('@/screens/publicity/PublicityScreen.vue'), meta: { roles: ['office', 'station'] } },
  { path: '/hub', name: 'hub', component: () => import('@/screens/hub/HubScreen.vue'), meta: { roles: ['office', 'station'] } },
  { path: '/audit/:tab?', name: 'audit', component: () => import('@/screens/audit/AuditScreen.vue'), meta: { roles: ['office'] } },
  { path: '/devices', name: 'devices', component: () => import('@/screens/devices/DevicesScreen.vue') },
  { path: '/settings', name: 'settings', component: () => import('@/screens/settings/SettingsScreen.vue') },
  { path: '/station', name: 'station', component: () => import('@/screens/station/StationHome.vue'), meta: { roles: ['station', 'office'] } },
  { path: '/station/checkin', name: 'stationCheckin', component: () => import('@/screens/station/StationCheckin.vue'), meta: { roles: ['station', 'office'] } },
  { path: '/station/deed', name: 'stationDeed', component: () => import('@/screens/station/StationDeed.vue'), meta: { roles: ['station', 'office'] } },
  { path: '/station/wish', name: 'stationWish', component: () => import('@/screens/station/StationWish.vue'), meta: { roles: ['station', 'office'] } },
  { path: '/station/query', name: 'stationQuery', component: () => import('@/screens/station/StationQuery.vue'), meta: { roles: ['station', 'office'] } },
  { path: '/station/day', name: 'stationDay', component: () => import('@/screens/station/StationDay.vue'), meta: { roles: ['station', 'office'] } },
  { path: '/:rest(.*)*', redirect: '/' },
]

// Pages of a street or county alone, and those that every place has.
const ABOVE = ['/hub']
const BOTH = ['/', '/devices', '/settings', '/partners', '/points', '/points/import']

// home is the first page of this device's work place.
export function home(): string {
  const app = useApp()
  if (!app.state || app.state.phase !== 'ready') return '/first'
  if (app.state.community?.level) return '/hub'
  if (app.state.session?.role === 'keeper') return '/till' // all that a shopkeeper has
  return { office: '/home', station: '/station', merchant: '/till' }[app.role]
}

const history = createWebHashHistory()
// Heard before the router hears it: the browser's own Back and Forward.
let popped = false
history.listen(() => { popped = true })
export const router = createRouter({ history, routes })

router.beforeEach((to, from) => {
  const back = popped
  popped = false
  const app = useApp()
  if (back && (closeTop() || app.locked && from.path !== '/wall')) return false
  if (app.closed) return true // nothing is shown yet; App.vue asks again
  const first = to.path.startsWith('/first')
  const ready = app.state?.phase === 'ready'
  if (!ready && !first) return '/first'
  if (ready && first && to.query.stay === undefined) return home()
  // A street or county has no residents: of the office's pages it has its own.
  if (ready && !!app.state?.community?.level !== ABOVE.includes(to.path) && !BOTH.includes(to.path) && !first) return home()
  const roles = to.meta.roles as string[] | undefined
  if (ready && roles && !roles.includes(app.role)) return home()
  return true
})
