// A new computer of the same room joins by six digits: the office's side, then the new computer's from `first` on.
export default {
  near: '添加附近的电脑', nearText: '在新电脑上打开积善，点“加入社区”，再点“附近的社区办公室”。', left: '还开着 {n} 秒', over: '时间到了，已经关上。', openAgain: '再开两分钟',
  list: '想加入的电脑', none: '还没有电脑来敲门', noneText: '新电脑上选了这个办公室，就会出现在这里。', address: '新电脑上看不到这个办公室？让它输入这个地址：', unnamed: '没有写名字的电脑',
  pick: '就是这台', notMine: '不认识的别点。', as: '让“{name}”加入', asDo: '下一步：对数字', picking: '正在和“{name}”接上',
  type: '把新电脑上的六位数字输进来', typeText: '看着“{name}”的屏幕输。数字不一样，就是接错了电脑，不要让它加入。', code: '六位数字', typeDo: '核对', tries: '还能输 {n} 次',
  matched: '数字对上了', matchedText: '现在到新电脑上点“加入”。', joining: '新电脑正在加入', joined: '“{name}”已经加入', joinedText: '数据正在传过去，几秒钟就好。', another: '再加一台', done: '好了',
  first: '附近的社区办公室', firstText: '和办公室的电脑在同一个网络，就不用凭条，两边对六位数字。', firstDo: '找附近的办公室', byTicket: '有凭条', newName: '新电脑', myName: '这台电脑的名字', myNameHint: '办公室会看到',
  looking: '正在找', offices: '找到的办公室', noOffice: '还没看到办公室', noOfficeText: '请办公室在“设备”页点“添加附近的电脑”，两分钟内有效。', knock: '加入这个', typed: '看不到？输入办公室电脑的地址', typedPh: '例如：192.168.1.20:8421', typedHint: '办公室那边的窗口里有写', typedDo: '按地址找', lanOff: '这台电脑没有在网络里找，请输入地址。',
  waiting: '已经敲门，等办公室点这台', waitingText: '请办公室在“添加附近的电脑”里点“{name}”。', stop: '不加入了',
  compare: '请办公室输入这六位数字', compareText: '办公室的屏幕说“数字对上了”，再点下面的加入。数字不一样就不要加入。', who: '加入到', office: '办公室电脑', role: '用作', place: '放在', name: '名字',
  agree: '办公室说对上了，加入', agreed: '等办公室输入这六位数字', again: '再试一次', ended: '没有加入',
}
