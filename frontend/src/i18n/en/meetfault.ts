export default {
  meet: 'The two computers could not be connected; nothing was written.',
  meet_over: 'The office has closed the window. Ask it to press “Add nearby” again.',
  meet_gone: 'The connection to that computer broke. Try again.',
  meet_full: 'Too many computers ask to join. Ask the office to close the window and open it again.',
  meet_digits: 'The digits differ. Read them again on the new computer; {left} tries left.',
  meet_wrong: 'The digits differed three times; it is closed and nobody joined. Perhaps it was another computer: look at its name and begin again.',
  meet_known: 'This computer is here already, as “{name}”.',
  meet_unreachable: 'That computer can’t be reached. Check the address, whether it is the same network, and whether the office’s window is open.',
}
