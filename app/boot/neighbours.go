package boot

// neighbours looks for devices on the LAN for a moment.
func (e *examination) neighbours() (state, string) {
	if !e.lan {
		return fine, "not looked for"
	}
	return fine, "not looked for"
}
