// Refusals about claims; they join those of fault.ts.
export default {
  claim: 'The claim was not saved.',
  claim_unknown: 'There is no such claim, or it has not come to this computer yet.',
  claim_state: 'This one has changed meanwhile; look again.',
  claim_double: 'This item of {date} is claimed already.',
  claim_people: 'Choose 1 to {max} families.',
  claim_via: 'It does not say who claims.',
  claim_self: 'This item can\'t be claimed from the phone; ask the community or the grid worker.',
  claim_many: '{max} claims wait for review; wait until they are looked at.',
  claim_why: 'A reason is needed, at most {max} characters.',
  claim_text: 'Write what you object to, at most {max} characters.',
  claim_how: 'Choose how the person was told.',
  claim_own: 'What you entered yourself is confirmed, reviewed and answered by another operator.',
  claim_onTheWay: 'Its points are on the way; take it back when they are booked.',
}
