// Refusals about lasting tasks; they join those of fault.ts.
export default {
  duty_kind: 'Choose a kind: regular duty, adopted spot or adopted tree.',
  duty_text: 'The text is needed, at most {max} characters on one line.',
  duty_title: 'What is to be done is needed, at most {max} characters on one line.',
  duty_place: 'The place has at most {max} characters on one line.',
  duty_why: 'The reason is needed, at most {max} characters on one line.',
  duty_times: 'From 1 to {max} times: one item is recorded once a day.',
  duty_item: 'This item is not given for something done; choose another one.',
  duty_unknown: 'This task is not on this computer.',
  duty_over: 'This task has ended.',
  duty_nobody: 'Nobody has this task now, or it has just changed hands: look again.',
}
