export default {
  tab: '更正', title: '更正', titleOf: '更正：{what}', note: '只有记这一笔的电脑能更正。它不在时，先记下来，它一连上就办，只办一次。', do: '更正', ask: '提交更正', reason: '为什么更正', reasonHint: '写事，不写别人的名字；会记在存折上',
  was: { award: '当时加了 {n} 分', opening: '当时带入 {n} 分', redeem: '当时兑换用了 {n} 分', deduct: '当时扣了 {n} 分' },
  back: '退回 {n} 分', goods: '货也会加回那里的货架', take: '从现在可用的里收回 {n} 分', debt: '已经用掉的 {n} 分会记欠，以后得了积分自动还', cancel: '还欠着的 {n} 分一笔勾销', about: '以办理时的余额为准。',
  here: '这笔分是本机入的账，马上更正，两笔都留在存折上。', there: '这笔是“{device}”记的，会请它更正。在它办好之前可以撤回。', gone: '这笔是别的电脑记的，会请它更正。在它办好之前可以撤回。',
  open: '待更正', done: '已更正', refused: '没更正成', withdrawn: '已撤回', asked: '已经有人请求更正，等那台电脑来办。', again: '上次没更正成，可以再提交一次。',
  saidDone: '已更正，两笔都在存折上', saidBack: '已更正，退回 {n} 分', saidDebt: '已更正，收回 {n} 分，记欠 {debt} 分', saidOpen: '已记下，等“{device}”来更正', withdraw: '撤回', withdrawTitle: '撤回这个更正？', withdrawText: '{name}的这一笔就不改了。', saidWithdrawn: '已撤回，这一笔不改',
  col: { who: '志愿者', what: '哪一笔', where: '记的电脑', by: '谁提的', why: '为什么', state: '办得怎样' }, what: { award: '加 {n} 分', opening: '带入 {n} 分', redeem: '兑换 {n} 分', deduct: '扣 {n} 分' }, unknown: '这一笔还没同步到',
  none: '没有待更正的', noneText: '在志愿者的存折上点“更正”；别的电脑记的会列在这里，直到办好。', because: '原因：{why}', onlyOpen: '待更正', all: '最近三十天',
  no: { ledger_undo_lost: '多兑的部分由社区承担了，不能再退', ledger_period_closed: '那一年的账已经结了', ledger_undo_moved: '没有可收回的了', ledger_undo_nothing: '这一笔没有可更正的', ledger_undo_foreign: '那台电脑说不是它记的', correction_kind: '这一笔不能单独更正' },
  takeBack: '收回', takeBackSure: '收回“{name}”？', takeBackText: '这一条还没发分。收回以后不算数，记错了可以重新记。别人也记了的，别人的照算。', takeBackDone: '已收回，不发分',
}
