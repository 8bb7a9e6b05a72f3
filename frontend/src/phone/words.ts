import { ref } from 'vue'
import type { Fault } from '../bridge/api'

// The phone's own few sentences: no i18n library on old phones.
const zh = {
  home: '首页', activities: '活动', me: '我的', update: '{at} 更新', bigger: '字大些', mine: '我的可用积分', onWay: '待到账 {n}', year: '年度积分', lifetime: '累计积分', spendable: '可用积分', sessions: '今年活动', sessionsN: '{n} 场', show: '出示证码', signedUp: '我报名的', news: '新活动', allN: '全部 {n} 场', noNews: '近期没有活动', noNewsText: '有了新活动，这里就能报名。',
  left: '还有 {n} 个', canWait: '可候补', iAmIn: '已报上', iWait: '候补第 {n}', iPend: '待确认', running: '进行中', over: '已结束', cancelled: '已取消', noShow: '未到', checkedIn: '已签到', today: '今天', tomorrow: '明天',
  signIn: '登录', signInText: '看自己的积分，报名，签到。', code: '志愿者证号', codePh: '证上的号码', tail: '手机号后四位', tailPh: '没有手机号，用身份证号后四位', signInDo: '登录', noCard: '还没有证？到{place}登记，当场就有。', signOut: '退出登录', anonym: '登录后看自己的积分',
  away: '现在连不上实践站，看到的是 {at} 的。你点的会留在手机里，连上就送出。', awayNothing: '现在连不上实践站。看看手机是不是连着社区的无线网。', waiting: '有 {n} 件事等着送出', sent: '刚才留着的已经送出', kept: '已留在手机里，连上就送出。先别清空浏览器。', retry: '再试一次',
  expected: '预计 {n} 分：{item}，每满 {per} {points} 分', fixed: '{item}，每次 {points} 分', organiser: '组织人 {name}', full: '报名结束', open: '报名中', taken: '已报 {a}/{b}', wait: '候补', promoted: '有人退出就补上', askUp: '要报名吗？', up: '报名', askWait: '要排在第 {n} 位候补吗？', waitDo: '排候补', askOff: '你报上了。有事来不了？', off: '退出报名', offWait: '不排了', upDone: '报上了', waitDone: '排上了，第 {n} 位', offDone: '已退出', needSignIn: '报名要先登录', sure: '再点一次就退出', note: '说明', place: '地点',
  checkIn: '签到', checkInText: '用手机的“扫一扫”对着现场屏幕上的码。扫不了，就敲屏幕上的字，或者请组织人点名。', checkInCode: '屏幕上的签到码', checkInDo: '签到', inDone: '签到成功', outDone: '签退成功', inAt: '{at} 签到', outAt: '{at} 签退', minutes: '服务 {n}', inNext: '走的时候再扫一次签退。', toActivity: '看这场活动', checking: '正在签到',
  book: '积分存折', back: '返回', allLines: '全部', plus: '加分', redeem: '兑换', balance: '可用', more: '看更早的', bookNone: '还没有记录', witness: '见证 {name}', undone: '已撤销', k_award: '赋分', k_redeem: '兑换', k_undo: '更正', k_opening: '带入的积分', k_deduct: '扣分', k_expire: '年度到期', k_base: '年度基础分', k_deed: '服务记录', k_registration: '新人登记', card: '我的志愿者证', cardText: '兑换、签到时给经办人扫。', cardNo: '证号 {code}', lang: 'English', loading: '正在读取', min: '分钟', hour: '小时', at: '地点', retryIn: '正在连……',
  vTitle: '兑换券', vText: '把积分放进一个码，只能在选定的地方用，{days} 天内有效。那里没有网络也能用。', vTill: '在哪儿用', vMost: '多少分（最多 {n}）', vDo: '开一张 {n} 分的券', vPoints: '{n} 分', vFor: '只能在{till}用，到 {day}', vShow: '给店家扫。只能用一次，别发给别人。', vAway: '现在连不上实践站，开不了新券。已经开好的还能用。',
  f_voucher_phone: '手机上一张最多 {most} 分，最多同时开 {open} 张。', f_voucher_short: '实践站的电脑上现在只有 {here} 分，没有开券。', f_till_amount: '分数不对。', f_voucher_till: '请选一个地方。',
  f_internal: '没做成，再试一次。', f_phone_wrong: '证号和尾号对不上，再看看证上的号。', f_phone_signIn: '登录过期了，请再登录一次。', f_phone_locked: '试错太多次，{minutes} 分钟后再试。', f_web_fast: '点得太快了，等几秒再试。', f_activity_code_old: '这个码过期了，请扫屏幕上现在的码。', f_activity_code_bad: '签到码不对，请扫屏幕上的码。', f_activity_cancelled: '这场活动已取消。', f_activity_finished: '这场活动已经结束。', f_activity_unknown: '没有这场活动。', f_activity_full: '名额满了，已排到候补。', f_activity_present: '已经签到，不能退出。', f_people_card_blocked: '这张证已经挂失，请用新证。', f_people_code_bad: '证号不对，看看是不是敲错了一位。', f_any: '没做成（{code}），再试一次，还不行请问经办人。',
}
const en: typeof zh = {
  home: 'Home', activities: 'Activities', me: 'Me', update: 'as of {at}', bigger: 'Larger', mine: 'My spendable points', onWay: '{n} on the way', year: 'This year', lifetime: 'Lifetime', spendable: 'Spendable', sessions: 'This year', sessionsN: '{n} sessions', show: 'Show my code', signedUp: 'Signed up', news: 'New activities', allN: 'All {n}', noNews: 'No activities soon', noNewsText: 'New ones open for sign-up here.',
  left: '{n} left', canWait: 'Wait list', iAmIn: 'Confirmed', iWait: 'Waiting no. {n}', iPend: 'To confirm', running: 'Running', over: 'Over', cancelled: 'Cancelled', noShow: 'No show', checkedIn: 'Checked in', today: 'Today', tomorrow: 'Tomorrow',
  signIn: 'Sign in', signInText: 'See your points, sign up, check in.', code: 'Card code', codePh: 'the number on the card', tail: 'Last four digits of your phone', tailPh: 'or of the ID number', signInDo: 'Sign in', noCard: 'No card? Register at {place}; you get it at once.', signOut: 'Sign out', anonym: 'Sign in to see your points',
  away: 'The station cannot be reached; this is from {at}. What you do is kept on the phone and sent later.', awayNothing: 'The station cannot be reached. Is the phone on the community\'s wireless network?', waiting: '{n} things wait to be sent', sent: 'What was kept has been sent', kept: 'Kept on the phone, sent when connected. Do not clear the browser.', retry: 'Try again',
  expected: '{n} points expected: {item}, {points} for each {per}', fixed: '{item}, {points} each', organiser: 'by {name}', full: 'Full', open: 'Open', taken: '{a}/{b} taken', wait: 'Waiting', promoted: 'you move up when somebody leaves', askUp: 'Sign up?', up: 'Sign up', askWait: 'Wait as number {n}?', waitDo: 'Wait', askOff: 'You are in. Can\'t come?', off: 'Withdraw', offWait: 'Stop waiting', upDone: 'Signed up', waitDone: 'Waiting as number {n}', offDone: 'Withdrawn', needSignIn: 'Sign in first', sure: 'Tap again to withdraw', note: 'Note', place: 'Place',
  checkIn: 'Check in', checkInText: 'Scan the code on the screen with the phone\'s scanner, or type what is under it.', checkInCode: 'Code on the screen', checkInDo: 'Check in', inDone: 'Checked in', outDone: 'Checked out', inAt: 'in at {at}', outAt: 'out at {at}', minutes: '{n} served', inNext: 'Scan again when you leave.', toActivity: 'See the activity', checking: 'Checking in',
  book: 'Passbook', back: 'Back', allLines: 'All', plus: 'Earned', redeem: 'Redeemed', balance: 'Left', more: 'Earlier lines', bookNone: 'Nothing yet', witness: 'witness {name}', undone: 'undone', k_award: 'Award', k_redeem: 'Redeemed', k_undo: 'Correction', k_opening: 'Points brought along', k_deduct: 'Deduction', k_expire: 'Expired', k_base: 'Base points', k_deed: 'Service', k_registration: 'Registration', card: 'My volunteer card', cardText: 'Let it be scanned to redeem and check in.', cardNo: 'Card {code}', lang: '中文', loading: 'Reading', min: 'min', hour: 'h', at: 'Place', retryIn: 'Connecting…',
  vTitle: 'Voucher', vText: 'Points as a code, good at one place only, for {days} days, even where no network is.', vTill: 'Where', vMost: 'Points (at most {n})', vDo: 'Voucher of {n} points', vPoints: '{n} points', vFor: 'only at {till}, until {day}', vShow: 'Let the shop scan it. Good once; send it to nobody.', vAway: 'The station cannot be reached, so no new voucher. Those you have stay good.',
  f_voucher_phone: 'On the phone at most {most} points each, {open} at a time.', f_voucher_short: 'The station has only {here} points now; no voucher was written.', f_till_amount: 'The number is not right.', f_voucher_till: 'Choose a place.',
  f_internal: 'That did not work; try again.', f_phone_wrong: 'Code and digits do not fit; look at the card.', f_phone_signIn: 'Signed out; sign in again.', f_phone_locked: 'Too many wrong tries; wait {minutes} minutes.', f_web_fast: 'Too fast; wait a few seconds.', f_activity_code_old: 'This code is old; scan the one on the screen now.', f_activity_code_bad: 'The code is not right; scan the one on the screen.', f_activity_cancelled: 'The activity was cancelled.', f_activity_finished: 'The activity is over.', f_activity_unknown: 'There is no such activity.', f_activity_full: 'Full; you are on the wait list.', f_activity_present: 'Checked in already, so no withdrawing.', f_people_card_blocked: 'This card is blocked; use the new one.', f_people_code_bad: 'The card code is not right; check the digits.', f_any: 'That did not work ({code}). Try again, or ask the staff.',
}
export type Word = keyof typeof zh
export const words = { zh, en }
export const lang = ref<'zh' | 'en'>('zh')

export function t(key: Word, values: Record<string, unknown> = {}): string {
  return words[lang.value][key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''))
}

export function faultText(fault: Fault): string {
  const key = `f_${fault.code.replace(/\./g, '_')}`
  if (key in zh) return t(key as Word, fault.params)
  return t('f_any', { code: fault.code })
}
