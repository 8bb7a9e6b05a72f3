export default {
  rule: 'Limit after a start', ruleLabel: 'Points handed out before another computer was met',
  ruleText: 'After a start, a computer that has not synced with the office or a station hands out {n} points at most: if its disk was put back to an older state, no more than that is lost. One sync, or their data from a USB stick, ends the limit. 0 means no limit.', ruleOff: 'No limit now: a disk that was put back to an older state is not stopped.',
}
