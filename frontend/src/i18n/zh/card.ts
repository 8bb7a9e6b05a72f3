// Cards: PIN, proof at the till, the community's rule.
export default {
  proofTitle: '核对本人', proofText: '{name}这次要兑 {n} 分。一天超过 {above} 分，要输证卡密码，或者由您核对是不是本人。', noPin: '这张证没设密码。请看证上的姓名、问一句证号后四位，核对是不是本人。', noPinHere: '这张证的码没在这里扫过，不知道设没设密码。扫一下证，或者看证上的姓名、问一句证号后四位，核对是不是本人。', word: '我已核对，是{name}本人', typed: '已输 {n} 位', back: '退一位', ok: '确定',
  pin: '证卡密码', pinAgain: '再输一遍', unequal: '两遍不一样', setPin: '证卡密码', setPinHelp: '设置或更换密码，会换发一张新证', pinTitle: '设证卡密码', pinText: '密码印进证上的码里，所以要给{name}换发一张新证，旧证马上作废。请本人来输，4 到 6 位数字，别人不要看。', pinUse: '一天兑换超过 {n} 分时要输。留空就不设密码，由店家核对本人。', pinOff: '本社区现在不要求密码（可在设置里改）。', noPepper: '办公室主电脑还没准备好密码功能，连一次网再来设。', hasPin: '证有密码',
  rule: '凭证卡兑换', ruleLabel: '一天兑换超过多少分，要核对本人', points: '分', ruleText: '每人每天在一处超过 {n} 分，要输证卡密码，或由店家核对本人。怎么核对的会记进这笔兑换。填 0 是不要求。', ruleOff: '现在不要求核对：捡到证的人也能兑。', ruleElsewhere: '在社区的主电脑上改。',
  proof: { pin: '密码', keeper: '核对本人' }, proofTag: { pin: '已输密码', keeper: '店家核对本人' },
}
