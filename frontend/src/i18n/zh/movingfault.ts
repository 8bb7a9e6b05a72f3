// Refusals about moving; they join those of fault.ts.
export default {
  people_move: '没有迁出，请再试一次。',
  people_move_consent: '先选是谁同意的。',
  people_move_agreement: '和这个社区还没有通：约定要双方一样，并收到过对方的信。',
  people_move_open: '还有欠分、预留、兑换券或心愿没办完，没有迁出。',
  people_move_elsewhere: '有 {points} 分不在这台电脑上，收齐了才能迁出。',
  people_move_nothing: '没有能带走的积分，没有迁出。对方直接登记就行。',
  people_arrive: '没有接收，请再试一次。',
  people_arrive_unknown: '没有收到过这笔迁入。',
  people_arrive_done: '这个人已经接收过了，没有重复记。',
  people_arrive_device: '这笔积分寄给了以前的主电脑，收不了。请和对方核对。',
  people_arrive_paper: '这个人的资料不在这台电脑上，请把对方的信再收一次。',
  people_arrive_credit: '带来 {points} 分，额度还差 {missing} 分，先不接收。结清或加大约定后再收。',
}
