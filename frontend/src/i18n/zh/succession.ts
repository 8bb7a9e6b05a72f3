// Another main computer: the standby, the printed key, the level above.
export default {
  standby: '备用', name: '设为备用', nameTitle: '“{name}”作为备用主电脑？', nameText: '主电脑丢了、坏了，一天没有音讯，负责人在这一台上点一下就能接替，不用恢复密钥。请选放得稳妥、常开着的电脑。以前定的备用不再算。', nameDo: '设为备用', named: '已设为备用主电脑', drop: '取消备用', dropTitle: '“{name}”不再作备用主电脑？', dropText: '主电脑再丢了、坏了，就要用封存的恢复密钥。', dropped: '已取消',
  is: '备用主电脑：{name}。主电脑一天没有音讯，就可以由它接替。', none: '还没定备用主电脑。到“设备”里选一台。',
  mine: '这一台是备用主电脑。', wait: '主电脑要一天没有音讯才能由这里接替，最早 {at}。急用就拿恢复密钥。', ready: '主电脑最后有音讯是 {at}。可以由这台接替，不用恢复密钥。', take: '由这台接替',
  takeTitle: '由这台接替，成为主电脑？', takeText: '先打电话、到跟前看一眼：“{name}”真的坏了、丢了才接替。只在它上面、还没同步过来的管理（让谁加入、停用、改设置），不再算数；记的账不丢。', unheard: '这些电脑从那以后没连上过：{names}。能连上的先连一下再接替。',
}
