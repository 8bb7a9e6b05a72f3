export default {
  title: '本人的同意', open: '本人的同意', none: '还没记', given: '{at} 同意', off: '{at} 撤回', saved: '已记下',
  of: { identity: '姓名、身份证号、生日', contact: '电话、住址', care: '备注、监护人、技能、经营的店铺', photo: '照片' },
  for: { identity: '确认是本人，不重复登记', contact: '联系本人，按网格走访', care: '帮忙和照应，派合适的活', photo: '证明做过的事' },
  what: '哪些资料', says: '本人说', yes: '同意', no: '撤回', how: '怎么说的', by: { paper: '书面', desk: '当面', phone: '电话里' }, day: '哪天说的', save: '记下', log: '说过的',
  offNote: '本人已撤回同意：{of}',
  kept: '“{of}”已撤回同意，资料还在。请在“修改”里删掉用不着的。',
}
