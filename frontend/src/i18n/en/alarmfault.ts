// Refusals about copied devices, proofs and losses; they join those of fault.ts.
export default {
  device: 'This computer can record nothing now.',
  device_closed: 'The book of this computer was closed a moment ago and a new one begins. This was not recorded; do it again in some seconds.',
  device_revoked: 'The office has revoked this computer and nothing is recorded here any more. This was not recorded.',
  device_copied: 'The data of this computer was copied to another one. Only one can stay, and this one records nothing more. Nothing was recorded. Please ask the office.',
  device_refused: 'This computer wrote an entry that the others do not accept. It records nothing more until the office has decided. Nothing was recorded.',
  devices_refused_none: 'The book of this computer has not ended at an invalid entry; there is nothing to decide.',
  data_swapped: 'The {file} in the data folder is another computer\'s and was not opened. Put the right file back.',
  devices_copied_none: 'No two computers use one copy of data; there is nothing to decide.',
  devices_unseen_none: 'Nothing of that device is left to count; somebody has done so already.',
  devices_sold_none: 'Nothing to look at; somebody has done so already.',
  devices_proof_none: 'There is no proof of branches for this computer.',
  setup_anew_unsent: '{n} entries are only on this computer. Connect it to the office and let it sync first.',
  year_unbooked: '{points} points of loss are not booked yet. Finish the year after that.',
}
