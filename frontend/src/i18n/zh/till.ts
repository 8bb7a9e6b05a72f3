export default {
  title: '兑换台', scan: '扫志愿者证或货签，也可以敲证号或取货码', clear: '清除', cardNo: '证号 {code}',
  ready: '请扫志愿者证', readyText: '扫不上时，直接敲证号再按回车；来取预订的，敲六位取货码。', readyTextMet: '扫不上时，可以敲证号再按回车：只认在这台扫过的证。来取预订的，敲六位取货码。', nothingTextMet: '看看是不是志愿者证或货签，再扫一次。在这台扫过的证，也可以敲证号再按回车；取货码是六位数，只在订货的那个站有用。', card: '志愿者证', cardText: '纸的、手机里的都行', nothing: '没认出“{text}”', nothingText: '看看是不是志愿者证或货签，再扫一次；也可以敲证号或六位取货码再按回车。',
  valid: '证有效', blocked: '旧证已作废，请用新证', notKnown: '证没核到', own: '本社区', otherCommunity: '别的社区', allOffers: '全部可兑', goods: '物品', service: '服务', coupon: '券', honour: '荣誉', left: '余 {n}', leftReserved: '余 {n}，另留 {r}', unlimited: '不限', missing: '还差 {n}', soldOut: '没货了',
  order: '兑换单', clearOrder: '清空', each: '1 {unit} {points} 分', addHint: '再扫一件货，或点左边，就加进来', firstScan: '先扫证，再选东西', thisOrder: '这一单', after: '兑换后此处可兑', confirm: '确认兑换 {n} 分', less: '少一件', moreOne: '多一件', nothingShelf: '{place}的货架上还没有东西', nothingShelfText: '每个兑换点有自己的货架。在这里添上可兑物品、收了货，就能选。', toShelf: '去添可兑物品',
  short: '此处可兑 {here}，还差 {missing}', shortHere: '此处可兑 {here}，还要调 {missing}', shortAll: '一共 {all}，还差 {missing}', whyElsewhere: '{name}另有 {n} 分在别的地方，可以调过来。', whyAll: '{name}的可用积分一共 {n}，都在这里。', whyAway: '连得上的都问过了；{away}没连上，那里可能还有他的积分。', shortBlind: '还没问过别的电脑有没有他的积分。', notTaken: '现在没有扣分。', shortSlips: '另有 {n} 分在兑换券里，只能凭券用。', shortOnTheWay: '另有 {n} 分待到账。',
  asking: '还差 {n}，正在调来…', askingTag: '正在从别处调积分',
  pick: '取货码 {n}', pickText: '手机上订的，留到 {until}', pickLate: '过了留货的日子；货和积分够，照样可以给', kept: '留给取货单',
  reserve: '预约留货', reserveText: '给他留着，积分到了再来拿', reserveDo: '留 {what}', reserved: '已留货：{what}', pull: '从别处调来', pullText: '向连得上的电脑要差的 {n} 分，几秒钟就知道', pullDo: '调 {n} 分过来', pulled: '调来了，现在此处可兑 {n}', pulling: '正在向别的电脑要', other: '换一件，{here} 以内有 {n} 种',
  done: '兑换成功', doneText: '{what}。请把东西交给本人。', from: '此处可兑 {a} → {b}', leftElsewhere: '其余的分在社区账上，没有动', leftAll: '可用积分还有', say: '读出来', receipt: '打小票', autoReceipt: '兑完自动打小票', takeBack: '退回这一单', takeBackTitle: '退回这一单？', takeBackText: '{name} +{n} 分，{what}放回货架。原来那笔还在，多一笔相反的。', takeBackDo: '退回 {n} 分', tookBack: '已退回 {n} 分', nextOne: '可以扫下一位了',
  today: '今日', todaySum: '{n} 笔，{points} 分', todayNone: '今天还没有兑换', undone: '已退回', late: '不计入', lateWhy: '本设备停用之后交出的：没有扣任何人的分，也不结算', backLine: '退回 +{n} 分', keys: '方向键选物品，+ 和 − 改数量，Enter 确认，Esc 清除',  otherPerson: '换人了，单子已清空',
}
