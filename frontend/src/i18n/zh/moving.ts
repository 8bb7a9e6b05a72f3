// A person moves to another community with the points.
export default {
  open: '迁出', title: '{name}迁到别的社区', tag: '已迁出 {name}', cardOff: '证已随迁出作废', off: '人已迁出，积分和证都不在这里了', gone: '{at} 迁往{name}，带走 {n} 分。', arrivedAt: '对方 {at} 已接收。', notYet: '还没收到对方的回信。',
  mainOnly: '只有主电脑能办迁出。', noPartner: '还没有已通的往来社区。先到“往来社区”写好约定，互寄一封信。', to: '迁到', choose: '选一个社区',
  moves: '跟着走的', points: '{period} 的 {n} 分', sums: '累计 {lifetime} 分、今年 {year} 分，对方照着记', record: '姓名、手机号、身份证号、生日、监护人，只有对方主电脑能打开', stays: '登记和每一笔记录留在这里，证卡马上作废。',
  first: '先办完这些，才能迁出：', debt: '还欠 {n} 分', reservations: '{n} 个预留没取', vouchers: '{n} 张兑换券没用', orders: '{n} 个心愿没办完',
  gather: '有积分不在这台电脑上，先收回来：', elsewhere: '{device}：{n} 分', onTheWay: '路上：{n} 分', gatherText: '让那台电脑联上网，再点一次。', again: '再收一次', nothing: '没有能带走的积分。对方直接登记就行。',
  consent: '谁同意的', self: '本人当面同意', guardian: '监护人当面同意', type: '再打一遍姓名', back: '迁出后不能撤回。', do: '迁出', done: '已迁出。到“往来社区”给{name}写一封信，积分随信过去',
  arrivals: '迁来的人', departures: '迁走的人', who: '姓名', from: '从哪来', where: '去哪', n: '积分', state: '状态', take: '接收', taken: '{name}已接收，{n} 分到账', takenOld: '{name}本来就在册，{n} 分记到原来的登记上',
  short: '额度还差 {n} 分，结清或加大约定后再收', paper: '资料不在，把对方的信再收一次', device: '寄给了以前的主电脑，收不了', ready: '等接收', doneAt: '{at} 已接收', waiting: '等对方接收', arrived: '已到，{at} 接收', noted: '{who}，{at}，经办 {by}',
  like: '可能重复', likeText: '册上有相像的人。是同一个人就选他，积分记到他名下。', as: '新登记一个人', same: '就是 {name}，证号 {code}', sums2: '累计 {lifetime}、今年 {year}',
}
