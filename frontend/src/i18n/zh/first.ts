export default {
  slogan: '社区志愿服务积分。记在自己的电脑上，没有网也能用。', start: '从哪里开始？',
  create: { title: '建立社区', text: '社区办公室的第一台电脑。', a: '填 5 项，约 3 分钟', b: '要打印一张恢复密钥', do: '建立社区' },
  join: { title: '加入社区', text: '办公室已经在用，这里是实践站、兑换点或爱心商家。', a: '先看清是哪个办公室', b: '要办公室给的加入凭条', do: '加入社区' },
  restore: { title: '换电脑/恢复', text: '旧电脑坏了，或要换新的。', a: '别的电脑会把数据还回来', b: '办公室都坏了，才用恢复密钥', do: '看看怎么办' },
  sample: { title: '先看看示例', text: '一个编好的社区，随便点，不会弄坏什么。', a: '300 名志愿者，40 种物品', b: '随时可以删掉', do: '打开示例', doing: '正在准备示例' },
  back: '返回', step: '第 {n} 步，共 {all} 步',
  f: { community: '社区/村名称', parent: '街道/镇', office: '这台电脑叫什么', operator: '你的姓名（经办人）', grids: '网格', communityPh: '滨河社区', parentPh: '河东街道', officePh: '办公室 1 号电脑', operatorPh: '以后每一笔都会写上经办人', gridsPh: '一行一个，例如：\n和平里一\n和平里二', gridsHint: '以后还可以改' },
  createDo: '建立', creating: '正在建立', keyTitle: '打印恢复密钥，再核对一次', keyText: '办公室的电脑都坏了、丢了，只有这张纸能另立一台主电脑。打印出来封好，和公章放在一起。', keyPrint: '打印恢复密钥', keyCheck: '照着打印的纸，敲一遍', keyCheckPh: '大小写、空格都不要紧', keyGroup: '第 {n} 组和纸上的不一样，请看清再敲', keyWrong: '和纸上的不一样，请看清再敲', keyDo: '核对，开始使用', keyShown: '只显示这一次', keyNotPrinted: '先打印，再核对', keyOk: '核对无误', ready: '{name}已建好', readyText: '下一步：把花名册贴进来，或者先登记一位。', toRoster: '导入花名册', toHome: '去首页',
  ticket: '加入凭条', ticketPh: '扫码枪扫凭条上的码，或者把复制来的字贴在这里', ticketText: '请办公室在“设备”页点“让新电脑加入”，开一张凭条。不用照着敲：', ticketScan: '有扫码枪：扫打印出来的凭条', ticketCopy: '没有扫码枪：在办公室的电脑上点“复制”，用微信传过来，贴进来', ticketStick: '没有网：在办公室的电脑上把字存进 U 盘，在这里选那个文件', ticketFile: '选文件', ticketNoFile: '这个文件里没有凭条', read: '看看是哪个办公室', whose: '你要加入的是', nothingSent: '到现在为止，什么都还没有发出去。', role: '这台电脑用作', deviceName: '这台电脑叫什么', operator: '你的姓名（经办人）', expires: '凭条 {at} 以前有效', joinDo: '对，加入{name}', joining: '正在加入{name}', joiningText: '正在找办公室的电脑，然后把数据取过来。两台电脑要连在同一个网络里。', joinSlow: '还没找到。看看办公室的电脑开着没有，是不是同一个网络。', joinStop: '停下，换个凭条', wrongOffice: '不对，换一张', expired: '凭条过期了，请办公室再开一张', joined: '已加入{name}', joinedText: '需要的数据已经在这台电脑上。', toWork: '开始使用',
  restoreTitle: '换电脑/恢复', restoreA: '实践站、商家的电脑坏了，或者换新的', restoreAText: '在新电脑上“加入社区”。办公室开一张新凭条，数据会从别的电脑还回来。旧电脑请办公室在“设备”页里停用。', restoreB: '办公室的电脑坏了，还有别的办公室电脑', restoreBText: '和上面一样，加入就行。', restoreC: '办公室的电脑都坏了', restoreCText: '拿出封好的恢复密钥。在任何一台还能用的站点电脑上打开“设置”，点“由这台接替”，照着纸敲进去：它就成了主电脑，再给新电脑开凭条。', restoreNote: '不要把旧电脑的硬盘整个复制到新电脑上用：两台一样的电脑会互相顶掉。', restoreJoin: '加入社区',
}
