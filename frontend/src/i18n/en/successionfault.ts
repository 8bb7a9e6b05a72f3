export default {
  govern_standby_other: 'This computer is not the standby; nothing was changed. Take over with the recovery key.',
  recovery_cut: 'This computer is cut off by its own switch and can\'t see whether the main one is there. Connect it first. Nothing was changed.',
  recovery_early: 'The main computer was heard of not long ago. The standby can take over when there is nothing for {hours} more hours. Nothing was changed; if it can\'t wait, use the recovery key.',
  above: 'That step with the level above did not work; nothing was changed.',
  above_own: 'That is this community itself; it takes the level above.',
  above_none: 'The main computer has named no level above, so none can appoint. Nothing was changed.',
  above_newer: 'That was written by a newer version of the program; update first.',
  above_request_bad: 'That is no request of a community, or a part is missing. Copy all of it.',
  above_fingerprint: 'The digits are not the same; nothing was appointed. The request may have been exchanged on the way: telephone again.',
  above_appointment_bad: 'That is no appointment, or a part is missing. Copy all of it.',
  above_appointment_other: 'That appointment is for another computer, or not by the level above that is named, or was used. Nothing was changed. Ask anew.',
}
