export default {
  govern_standby_other: 'This computer is not the standby; nothing was changed. Take over with the recovery key.',
  recovery_cut: 'This computer is cut off by its own switch and can\'t see whether the main one is there. Connect it first. Nothing was changed.',
  recovery_early: 'The main computer was heard of not long ago. The standby can take over when there is nothing for {hours} more hours. Nothing was changed; if it can\'t wait, use the recovery key.',
}
