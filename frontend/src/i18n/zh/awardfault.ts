// Refusals on award days; they join those of fault.ts.
export default {
  award: '这场集中兑换没有动。',
  award_title: '名称要 1 到 {max} 个字。',
  award_unknown: '没有这一场，请刷新再看。',
  award_elsewhere: '这一场在开它的那台电脑上兑换，此处不行。没有扣分。',
  award_many: '一场 1 到 {max} 人。',
  award_done: '{masked} 已经兑过或不在待兑名单里，没有再扣分。',
  award_gift: '名单上没有这一条，请刷新再看。',
  award_giver: '送货人最多 {max} 个字。',
  award_notYet: '还没兑换，不能记送到。',
  shop_cost: '成本要在 0 到 {max} 元之间。',
}
