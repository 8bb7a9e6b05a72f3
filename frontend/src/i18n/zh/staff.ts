// People who work at the devices: roles, PINs, second signatures.
export default {
  title: '经办人', role: { lead: '负责人', clerk: '经办', keeper: '看店', witness: '见证人' },
  roleText: { lead: '什么都能做，还管经办人、设置、电脑、预算和结转', clerk: '日常的登记、活动、服务单、兑换', keeper: '只管兑换和自己的货', witness: '不上机，只做第二个人签字' },
  ok: '确定', back: '退一位', pin: '密码', pinHint: '4 到 8 位数字', pinOf: '{name}的密码', again: '再输一遍', differ: '两遍不一样', choose: '请选', waitS: '错了好几次，{n} 秒以后再试', lockedOut: '密码错得太多，锁住了。请负责人在“设置 → 经办人”里解锁。',
  forgot: '忘了密码：请负责人在“设置 → 经办人”里给你换一个。', lostDo: '负责人自己忘了', lostTitle: '用恢复密钥换密码', lostText: '照着封存的那张纸输恢复密钥，再给负责人定一个新密码。', recovery: '恢复密钥', beginTitle: '先给自己设密码', beginText: '这台电脑要用密码打开。写上姓名，定一个只有自己知道的密码。办公室确认以前，可以先办日常的事。',
  none: '现在谁都能用这台电脑，写个名字就行。设了密码，这台电脑就要用密码打开，每一笔都能认出是谁，两个人才能批的事也要两个人签。', first: '给自己设密码', add: '加经办人', name: '姓名', roleLabel: '职责', until: '用到哪天', untilHint: '可不填', pinThis: '请他自己在这台电脑上输密码', pinLater: '不填也可以：他在自己那台电脑上再设', change: '改密码', old: '现在的密码', fresh: '新密码', changed: '密码换好了', added: '已加上', asked: '已加上，可以先办日常的事，等办公室确认', saved: '已存好',
  me: '现在是我', at: '在 {list}', noKey: '还没设密码', ended: '已停用', untilDay: '到 {day}', edit: '改{name}', reset: '换新密码', withdraw: '停用', sure: '停用{name}？', sureText: '以后不能用这台和别的电脑，也不能签字。以前记下的都还在，写着他的名字。', withdrawn: '已停用', unlock: '解锁', unlocked: '已解锁，可以再试', dropKey: '收回密码', dropped: '已收回，要重新设密码',
  waiting: '等确认', asks: '{name}，{device}，{at}', known: '已经是经办人，多了一台电脑', confirm: '确认', refuse: '不同意', confirmed: '已确认', refused: '没有同意',
  must: '全社区都要用密码', mustText: '打开以后，没有密码的人用不了任何一台电脑', elsewhere: '职责和停用在办公室主电脑上改。', idle: '没人动就锁', idleText: '只管这台电脑', idleN: '{n} 分钟', idleOff: '不锁',
  unproven: '还没有人设密码：只记下两个人的名字，证明不了真是两个人。', ownFirst: '这一步要两个人签。你自己先到“设置 → 经办人”设密码，用密码打开这台电脑。', noOther: '这一步要两个人签。这台电脑上还没有第二个设了密码的人，请负责人先在“设置 → 经办人”里加上。', secondText: '请他自己选名字、输密码。签字和这一笔一起存，每台电脑都会核对。',
  pinShort: '解锁密码要 4 到 8 位数字', firstPin: '解锁密码', firstPinHint: '可不填，4 到 8 位数字', firstPinPh: '设了，人离开就锁上', firstPinText: '忘了，要照着封好的那张恢复密钥另设一个密码。',
}
