// Discounts by level and by points earned in all, and the passes for them.
export default {
  open: '优惠', title: '本处的优惠', text: '有等级的、累计积分够的，在这里兑换时少付积分。几条都合，按最省的一条算，不叠加。打折按整单算，不足 1 分的不减；每单至少付 1 分。', none: '还没有优惠，按标价兑换。', add: '加一条', drop: '去掉这一条', to: '给谁', life: '累计积分满', lifeOf: '累计满 {n} 分', gone: '已取消的等级', points: '分', how: '怎么优惠', byPercent: '整单打折', byPoints: '每件少付', percent: '减百分之几', less: '少付几分', part: '{n} 折', off: '每件少 {n} 分', more: '高一级的也享受低一级的优惠。收银的电脑断网时，本人出示优惠证就认。', saved: '优惠已保存，下一单起算', twice: '同一个等级只能写一条', lifeStep: '累计积分要是 {n} 的整倍数',
  tag: '{who} {off}', until: '优惠证到 {at}', took: '{name}的优惠证记下了：{who}，到 {at}。再扫一下志愿者证', tookHere: '优惠证有效：{who}，到 {at}', tookNone: '{name}的优惠证有效（{who}），但这里没有给这一档的优惠',
  list: '标价合计', given: '优惠（{who}）', givenPlain: '优惠', done: '标价 {list} 分，优惠 {n} 分',
  give: '优惠证', dialog: '打印优惠证', dialogText: '优惠证写着今天的等级和累计积分，由这台电脑签名。断网的兑换台和商家扫了就给优惠，到期换新的。它不是志愿者证，不能单独兑换。', untilDay: '有效到', print: '连同志愿者证打印',
  paper: '优惠证', paperUntil: '{from} 至 {until}', paperHelp: '和志愿者证一起出示。优惠以兑换处写明的为准。',
}
