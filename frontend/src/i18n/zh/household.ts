// The household's account: seen together, owned by each.
export default {
  sums: '一户合计', hasN: '累计 {lifetime}，今年 {year}，可用 {spendable}', of: '{name}家', book: '家庭账', who: '谁', print: '打印家庭账', more: '看更早的 {n} 条', none: '这一户还没有记录', own: '积分还是各人的，兑换时用各人的证卡；要给家人用，开一张兑换券。',
  rule: { title: '家庭账上手机', on: '同一户的人，在手机上互相看得到积分', text: '打开后，编在一户的人登录手机，看得到全家合计和每人的积分。家人的事项只写日期、分数和细则里的名称；谁换了什么、为什么扣分、写的说明，都不给别人看。勾了“不上榜”的人不在里面，自己也看不到别人的。', sure: '让同一户的人互相看得到积分？', sureText: '全社区编在一户的人都会看到家人的积分。先在公告里说一声，不愿意的人在“资料”里勾上“不上榜”。', yes: '打开' },
  paper: { title: '家 庭 账', of: '{name}家', member: '姓名', sum: '合计', carried: '承前', hidden: '另有 {n} 人不愿和家人一起列，没有算在内。', note: '积分归各人，兑换时用各人的证卡。兑换的物品和扣分的原因，见各人的积分存折。' },
}
