// Refusals about copied devices, proofs and losses; they join those of fault.ts.
export default {
  device: '这台电脑现在不能记账。',
  device_closed: '这台电脑的旧账本刚刚结束，正在换新账。这一笔没有记，过几秒再做一次。',
  device_revoked: '办公室已停用这台电脑，这里不再记账。这一笔没有记。',
  device_copied: '这台电脑的资料被复制到了另一台电脑，只能留一台，这里已停止记账。没有记下。请联系办公室。',
  device_refused: '这台电脑写过一条别的电脑不认的账，这里已停止记账，等办公室定。没有记下。',
  devices_refused_none: '这台电脑的账没有停在不合规矩的一条上，不用定。',
  data_swapped: '数据文件夹里的 {file} 是另一台电脑的，没有打开。请放回原来的文件。',
  devices_copied_none: '没有两台电脑在用同一份资料，不用定。',
  devices_unseen_none: '这台电脑没有要算数的了，已经有人处理过。',
  devices_sold_none: '没有要看的，已经有人看过了。',
  devices_proof_none: '没有这台电脑账本分支的证据。',
  setup_anew_unsent: '还有 {n} 条只在这台电脑上。先连上办公室，同步完再换。',
  year_unbooked: '还有 {points} 分损失没记到准备金，记好以后再核清。',
}
