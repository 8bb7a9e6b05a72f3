// Refusals about cards; they join those of fault.ts.
export default {
  card: '这张证现在用不了。',
  deduct_points: '扣分要在 1 到 {max} 分之间。',
  deduct_reason: '请写明为什么扣，最多 {max} 个字。',
  limits_bad: '请填 0 到 {max} 分。',
  limits_keep: '请填 1 到 {max} 天。',
  limits_appeal: '请填 1 到 {max} 天。',
  ledger_cautious: '这台电脑开机后还没和办公室或站点的电脑核对过，核对前最多给出 {most} 分，还剩 {left} 分，这次要 {need} 分。连上网络同步一次，或读一次它们的 U 盘数据，就不限了。没有扣分。',
  card_rule_bad: '请填 0 到 {max} 分。',
  people_pin_bad: '密码要 {min} 到 {max} 位数字。',
  people_pin_weak: '这个密码太好猜了，不要用 1234、0000 这样的。',
  people_pin_pepper: '这台电脑还没收到密码功能的准备，请连一次网再试。',
  till_proof: '今天兑换超过 {above} 分了，要输证卡密码，或由您核对本人。没有扣分。',
  till_pin: '密码不对，没有扣分。',
  till_pin_none: '这张证没有密码，请核对本人。',
  till_pin_wrong: '密码不对，没有扣分。再错 {left} 次就要等很久。',
  till_pin_wait: '密码连错 {tries} 次，请等 {seconds} 秒再输。没有扣分。忘了密码请到办公室重设，急用可由您核对本人。',
}
