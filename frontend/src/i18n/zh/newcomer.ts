// Who wants to be registered and said so on the phone page.
export default {
  title: '登记申请', open: '登记申请', openN: '{n} 份登记申请', none: '没有等着的申请', noneText: '没有证卡的居民可以在实践站的手机页上申请，申请会到这里。', noneOff: '手机页上现在不收申请。要收，请在主机“设置”里打开“手机上申请登记”。', number: '受理号 {n}', at: '{at} 申请', text: '核对是本人再收下：请他来的时候带上身份证。收下就登记好，证卡当场可以打印；手机上只告诉他来领证，不显示证号。手机上填的收下或退回以后就删除。',
  whom: { self: '本人', child: '替孩子申请', parent: '替老人申请' }, by: '申请人 {name}', wishes: '想做', skills: '会', agreed: '同意留存', unread: '这一份的内容还没送到这台电脑，或者要新版本才能看。',
  accept: '核对并登记', refuse: '退回', refuseTitle: '退回{name}的申请', reason: '为什么退回（申请人看得到）', reasonPh: '比如：请到所住的社区登记', presets: { away: '不住在本社区，请到所住的社区登记', desk: '请本人带身份证到办公室办理', phone: '电话打不通，请到办公室登记' }, care: '申请人不一定是本人：别写他登记过没有，也别写别人的事。', refused: '已退回', accepted: '{name}登记好了，证号 {code}', existing: '{name}已经登记过，证号 {code}，资料没有改',
  past: '最近办过的', state: { accepted: '已登记', refused: '已退回', lapsed: '没人办，过期了' }, erased: '（已删除）', gone: '内容已删除',
  rule: { title: '手机上申请登记', on: '没有证卡的居民，可以在手机页上申请登记', text: '打开后，连上实践站手机页的人不用登录就能填姓名、电话、住址、技能，交到“志愿者”的“登记申请”里等办公室或实践站核对。不管填谁，手机上都不会说他登记过没有。' },
}
