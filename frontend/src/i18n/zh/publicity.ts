// Notices and the council's minutes.
export default {
  title: '公示', tabs: { notices: '公告公示', council: '议事会', proposals: '居民建议' }, write: '写一则', show: { force: '正在张贴', all: '全部' },
  kind: { notice: '公告', publicity: '公示', result: '议事结果', praise: '表彰' }, state: { ahead: '还没到日子', force: '正在张贴', over: '已到期', withdrawn: '已撤下' },
  none: '还没有公告', noneText: '写一则，实践站、居民手机和商户电脑上就能看到，还能打印出来张贴。', noneNow: '现在没有张贴的', noneNowText: '以前的在“全部”里。', days: '{from} 到 {until}', everybody: '全体居民和商户', merchants: '只给商户', by: '{name}，{at}',
  form: { title: '写公告', kind: '类别', head: '标题', body: '正文', bodyHint: '写了 {n} 字，最多 {max} 字；字多、行多的，打印时字会小些', full: '写满 {max} 字了，多出来的没有进去', contact: '联系或提意见', contactPh: '如：社区办公室，电话', grid: '给谁看', from: '从哪天起', until: '到哪天为止（含）', do: '张贴', hung: { all: '贴出去了，实践站、手机和商户电脑上都能看到。', grid: '贴出去了，实践站和手机上都能看到。', merchants: '贴出去了，商户电脑上能看到。' }, about: '根据会议：{title}', backwards: '结束日期在开始之前' },
  names: { found: '写到了居民的姓名：{names}。公开的内容不能直接写姓名。', mask: '把姓名遮住', keep: '本人都同意公开' },
  print: '打印海报', withdraw: '撤下', withdrawTitle: '撤下“{title}”', reason: '为什么撤下', withdrawDo: '撤下', withdrew: '已撤下，别处也不再显示。', offBecause: '{at} 撤下：{reason}', keep: '贴出去的不能改，写错了先撤下，再写一则。', minutes: '看会议记录',
  shown: { title: '社区公告', fresh: '新', news: '{n} 则没看', all: '全部 {n} 则', back: '看全部' },
  council: {
    enter: '记一次会', none: '还没有会议记录', noneText: '开完会把议题、决定和票数记在这里，能直接公示，也能打印签字。', came: '{n} 人到会', matters: '{n} 个议题', title: '会议', titlePh: '如：三月议事会', at: '哪天开的', place: '地点', present: '到会居民', presentHint: '只有工作人员看得到，公示里只写人数', others: '其他到会', othersUnit: '人', matter: '议题', matterN: '议题 {n}', decision: '决定', for: '赞成', against: '反对', abstain: '弃权', votes: '赞成 {for}，反对 {against}，弃权 {abstain}', noVote: '没有表决',
    add: '加一个议题', drop: '去掉', form: '会议记录', do: '记下来', entered: '记下了。要让居民知道，点“公示结果”。', post: '公示结果', strike: '作废', strikeTitle: '作废这份记录', strikeReason: '为什么作废', strikeDo: '作废', struck: '已作废，可以重新记一份。', voidBecause: '{at} 作废：{reason}', act: '记落实情况', actTitle: '“{title}”落实得怎么样', actText: '做了什么', actDo: '记下', acted: '记下了。', done: '{at} 已落实：{text}', open: '还没落实', turnedDown: '没有通过', notices: '已公示', erased: '（已删除的人）', othersN: '另有 {n} 人', print: '打印记录', bodyHead: '{date}召开{title}，{n} 人到会，议定：', bodyLine: '{n}. {title}：{decision}', bodyVotes: '（赞成 {for}，反对 {against}，弃权 {abstain}）', made: '记录 {name}，{at}', resultTitle: '{title}结果', sign: '主持人签字', signPresent: '到会人员签字', signClerk: '记录人签字', when: '时间', whoCame: '到会人员', paper: '会 议 记 录', tooMany: '票数比到会的人多',
  },
  proposal: { none: '还没有居民提建议', noneText: '居民在手机上提，或者到这里来说，工作人员替他记。', add: '记一条建议', text: '建议什么', textPh: '社区长椅有些少，老人晒太阳不方便', who: '谁提的', noted: '记下了。', via: { phone: '手机', desk: '当面' }, state: { council: '上议事会', done: '办了', no: '没有采纳', open: '没答复' }, reply: '答复', replyTo: '答复{name}', fate: '怎么办', words: '答复的话，本人手机上看得到', do: '答复', replied: '答复了。', only: { open: '没答复的', all: '全部' }, erased: '资料已删除', at: '{via}，{at}', noneOpen: '都答复了', noneOpenText: '以前的在“全部”里。' },
  paper: { until: '张贴到 {at}', contact: '联系：{contact}', object: '有意见请在 {at} 前反映：{contact}' },
}
