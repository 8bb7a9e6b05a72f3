// Refusals about copied devices, proofs and losses; they join those of fault.ts.
export default {
  device: 'This computer can record nothing now.',
  device_copied: 'The data of this computer was copied to another one. Only one can stay, and this one records nothing more. Nothing was recorded. Please ask the office.',
  devices_copied_none: 'No two computers use one copy of data; there is nothing to decide.',
  devices_proof_none: 'There is no proof of branches for this computer.',
  setup_anew_unsent: '{n} entries are only on this computer. Connect it to the office and let it sync first.',
  year_unbooked: '{points} points of loss are not booked yet. Finish the year after that.',
}
