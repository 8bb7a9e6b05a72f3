export default {
  newcomer_off: 'The phone page takes no applications now. Please register at the office or a station.',
  newcomer_full: 'Too many applications wait already. Come back in a few days, or register at the office.',
  newcomer_unknown: 'There is no such application.',
  newcomer_ended: 'This application was answered already.',
  newcomer_unread: 'What this application says has not reached this computer; try again later.',
  newcomer_reason: 'Say why, at most {max} characters.',
  newcomer_whom: 'Say for whom you apply.',
  newcomer_phone: 'Give a telephone number.',
  newcomer_wishes: 'What you would like to do: at most {max} characters.',
  newcomer_consent: 'Registering takes the person\'s consent to keep these data.',
}
