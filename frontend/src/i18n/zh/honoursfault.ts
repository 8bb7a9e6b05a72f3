// Refusals about the ranking; they join those of fault.ts.
export default {
  ranking: '排行榜没有动。',
  ranking_by: '请选排个人、家庭、网格还是队伍。',
  ranking_level: '请选关掉、只在办公室看，还是手机上也看。',
  ranking_off: '社区没有在手机上公开排行榜。',
}
