package people

import (
	"jishan/app/govern"
	"jishan/crdt/store"
)

// Opens tells whether somebody with a keyring, who keeps no rule of the program, gets
// at the person's key in an item of the vault.
func Opens(ring govern.Keyring, it store.Item) bool {
	_, _, err := unwrapKey(ring.Keys, it.ID, it.Blob)
	return err == nil
}
