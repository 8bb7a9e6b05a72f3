// Refusals about joining; they join those of fault.ts.
export default {
  people_join: 'They were not joined. Please try again.',
  people_join_self: 'This is one and the same record.',
  people_join_alone: 'This record is joined with no other.',
  people_join_many: 'One person can have {max} records at most. Check whether somebody else was joined by mistake.',
  voucher_joined: 'This person has several records; one voucher can hold {most} points at most. Write several.',
}
