// The rule of the cautious start.
export default {
  rule: '开机后的限额', ruleLabel: '没和别的电脑核对前，最多给出多少分',
  ruleText: '电脑开机后还没和办公室或站点的电脑同步过，就先给出 {n} 分为限：万一硬盘被还原到旧的样子，损失不会超过它。同步一次，或者读一次它们的 U 盘数据，就没有限额了。填 0 是不限。', ruleOff: '现在不限：硬盘被还原到旧的样子时，给出多少都不会停。',
}
