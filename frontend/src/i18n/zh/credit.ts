// Credit lines: the band table, consent, lines and their certificates.
export default {
  title: '授信', tab: '授信', start: '给一位居民办', check: '核验证明', page: '给银行的核验页', pageSaved: '核验页已保存。拷给银行，用浏览器打开，不联网就能核验。', table: '积分档位', edit: '改档位', only: '只有办公室主电脑能改档位。',
  note: '积分只是建议；放不放贷、放多少，由银行结合个人征信决定。', amount: '{n} 元', none: '还没有档位', noneText: '先把“多少分、建议多少额度”写成一张表，才能评定。', begin: '定档位', nobody: '还没有人办过', nobodyText: '本人到场、签了同意书，就能按积分评定建议额度。',
  basis: '按哪种积分', by: { lifetime: '累计积分', year: '年度积分', spendable: '可用积分' }, least: '最低额度', most: '最高额度', yuan: '元', from: '从（分）', to: '到（分）', open: '以上', band: '建议额度（元）', addBand: '加一档', dropBand: '去掉这档', range: '{from}–{to} 分', above: '{from} 分以上', ends: '额度在 {least} 到 {most} 之间，按{basis}。', saved: '档位已保存。以前评定的不变，重新评定时按新的。', changeTable: '积分档位',
  lines: '授信名单', show: { all: '全部', due: '待年度评定', force: '有效', void: '无效' }, sum: '有效 {n} 份，共 {amount}', name: '姓名', now: '现在积分', suggested: '按现在建议', line: '额度', version: '第 {n} 版', until: '有效至', state: '情况', noBand: '不在档位里',
  is: { force: '有效', replaced: '已被新版取代', withdrawn: '已撤回同意', expired: '已过期', ended: '评定后没有额度', none: '还没评定' }, due: '待评定',
  assessAll: '年度评定这 {n} 份', assessing: '正在评定：{done}/{all}', stop: '停下', assessedAll: '评定了 {n} 份。', assessedSome: '评定了 {n} 份，{left} 份没做。', failed: '{name}：{why}', erased: '（已删除的人）',
  dialog: '{name} 的授信', step1: '1. 本人同意', step2: '2. 按积分评定', step3: '3. 打印证明', given: '{at} 同意，{by}登记', withdrawn: '{at} 撤回了同意', asked: '还没有登记同意', proof: { signed: '有经办人的签名', named: '只有经办人的姓名', bad: '签名对不上' },
  form: '打印同意书', present: '本人在场，已在纸上签字', consent: '登记同意', consented: '已登记同意。', withdraw: '撤回同意', sureWithdraw: '撤回{name}的同意？', sureWithdrawText: '到现在为止的授信全部作废，以后可以重新同意、重新评定。', withdrew: '已撤回，授信作废。',
  points: '{basis} {n} 分', would: '按档位建议 {amount}', wouldNot: '不到最低一档（{from} 分起）', noTable: '还没有档位', assess: '评定', assessAgain: '重新评定', assessed: '评定为 {amount}（第 {n} 版）。', assessedNone: '评定了：现在的积分不在档位里，没有额度。', print: '打印证明', history: '历次评定', first: '先登记同意，再评定。',
  scan: '扫证明上的二维码，或贴进码里的文字', doCheck: '核验', good: '有效', person: '看这位居民', partial: '此处不知道以后有没有新版或撤回，请看有效期，拿不准打电话问社区。', number: '编号', idTail: '证件号后四位', unknown: '未登记', signer: '签发设备', made: '评定日',
  paper: { title: '积分授信建议证明', to: '致：合作银行', who: '姓名', id: '证件号码后四位', amount: '建议授信额度', points: '评定时{basis}', version: '编号 / 版本', made: '评定日', until: '有效至', text: '兹证明上列居民经本人书面同意，由社区按积分档位评定建议授信额度如上。本证明只反映志愿服务积分情况，是否授信、额度多少由银行结合个人征信决定。', scan: '核验：用社区提供的核验页扫此码，不用联网。改动一个字都核验不过。', yearly: '一次评定，逐年评估：有效期内每年重新评定，新版出来，本版作废；本人可以随时撤回同意，撤回后本证明作废。', office: '经办人', seal: '社区盖章' },
  consentForm: { title: '积分授信同意书', text1: '本人（监护人）知道并同意：{community}把本人的姓名、证件号码后四位、{basis}和评定的建议授信额度，写进证明交给本人，由本人自愿出示给银行。', text2: '1. 社区不把这些直接给银行，银行凭本人出示的证明核验。', text3: '2. 每年按当时的积分重新评定，新的证明出来，旧的作废。', text4: '3. 本人可以随时到社区撤回同意，撤回后证明作废，不影响已经得到的积分。', text5: '4. 不同意不影响参加活动、得分和兑换。', name: '姓名', idNumber: '证件号码', phone: '电话', sign: '本人签字', date: '日期', guardian: '监护人签字（需要时）', office: '经办人（本人在场）' },
}
