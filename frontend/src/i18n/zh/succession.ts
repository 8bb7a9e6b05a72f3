// Another main computer: the standby, the printed key, the level above.
export default {
  standby: '备用', name: '设为备用', nameTitle: '“{name}”作为备用主电脑？', nameText: '主电脑丢了、坏了，一天没有音讯，负责人在这一台上点一下就能接替，不用恢复密钥。请选放得稳妥、常开着的电脑。以前定的备用不再算。', nameDo: '设为备用', named: '已设为备用主电脑', drop: '取消备用', dropTitle: '“{name}”不再作备用主电脑？', dropText: '主电脑再丢了、坏了，就要用封存的恢复密钥。', dropped: '已取消',
  is: '备用主电脑：{name}。主电脑一天没有音讯，就可以由它接替。', none: '还没定备用主电脑。到“设备”里选一台。',
  mine: '这一台是备用主电脑。', wait: '主电脑要一天没有音讯才能由这里接替，最早 {at}。急用就拿恢复密钥。', ready: '主电脑最后有音讯是 {at}。可以由这台接替，不用恢复密钥。', take: '由这台接替',
  takeTitle: '由这台接替，成为主电脑？', takeText: '先打电话、到跟前看一眼：“{name}”真的坏了、丢了才接替。只在它上面、还没同步过来的管理（让谁加入、停用、改设置），不再算数；记的账不丢。', unheard: '这些电脑从那以后没连上过：{names}。能连上的先连一下再接替。',
  above: '上级', aboveIs: '上级是“{name}”。办公室的电脑和恢复密钥都没了，可以由它指定一台新的主电脑。', aboveNone: '还没写明上级。写明以后，办公室的电脑和恢复密钥都没了，街道还可以指定一台新的主电脑。', aboveNobody: '主电脑没有写明上级，不能由上级指定。', aboveName: '写明上级', aboveNamed: '已写明', aboveDrop: '去掉', aboveDropTitle: '不再由“{name}”指定？', aboveDropText: '以后主电脑丢了，就要靠备用的电脑或者封存的恢复密钥。',
  aboveNameText: '请街道办公室在“往来社区”里把它的介绍发来，贴在这里。', introduction: '上级的介绍', compare: '给上级打电话，一个数一个数地核对：', same: '核对过，一样', read: '看一看',
  aboveText: '主电脑和恢复密钥都没了，可以请“{name}”指定这一台为主电脑：先发申请，收到指定书再接替。', aboveRequest: '写申请', aboveTake: '收到指定书', requestText: '把下面的文字发给“{name}”（微信、U 盘都行），再打电话把核对码念给他们听。', readOut: '电话里念的核对码：', order: '指定书', appointedText: '先打电话、到跟前看一眼：主电脑真的坏了、丢了才接替。一份指定书只管这一台、这一次。', withdraw: '同时停用以前的主电脑：它手里的积分和库存转到这里，找回来也要重新加入',
  below: '给下级社区指定主电脑', belowText: '下级社区的主电脑和恢复密钥都没了，由这里指定一台新的。', request: '社区发来的申请', belowSays: '“{community}”申请让“{device}”做主电脑。打电话到社区，问清是谁、为什么，再请他念核对码。照着屏幕念给他听不算核对。', heard: '电话里听到的核对码', heardText: '20 个数字', appoint: '指定', orderText: '把这份指定书发回“{community}”。',
  late: '让它们重新算数', lateSure: '让 {names} 重新算数？', lateText: '先问清楚：以前的主电脑在失联期间是在自己人手里吗？被偷走的，不要认；那几台请重新加入。', lateDone: '已认可，连上就能用',
}
