package govern

// Recipient returns the age recipient of a device as its latest certificate
// names it; false if it has none.
func (c *Charter) Recipient(device [32]byte) (string, bool) {
	s := c.now()
	cert, ok := latest(s, s.certs[device], s.head())
	return cert.Entry.Recipient, ok && cert.Entry.Recipient != ""
}
