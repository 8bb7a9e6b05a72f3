package people

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"strings"

	"jishan/app/fault"
)

// ID is a person's or a household's id: 16 bytes.
type ID [16]byte

var idText = base32.HexEncoding.WithPadding(base32.NoPadding)

// String returns the id as it stands in keys and JSON: 26 characters of
// lower-case base32hex.
func (id ID) String() string { return strings.ToLower(idText.EncodeToString(id[:])) }

// ParseID reads what String wrote. Fault: people.id.bad.
func ParseID(s string) (ID, error) {
	raw, err := idText.DecodeString(strings.ToUpper(s))
	if err != nil || len(raw) != len(ID{}) || ID(raw).String() != s {
		return ID{}, fault.New("people.id.bad")
	}
	return ID(raw), nil
}

// Shard returns the person's document among the 16: 0 to 15.
func (id ID) Shard() int { return int(id[0] >> 4) }

// Identity is what makes two registrations the same person: the ID number; or
// without it name and phone; or without a phone name and address.
type Identity struct{ Name, Phone, IDNumber, Address string }

// identityVersion is part of what the HMAC covers. It never changes for a
// community: a new version would double everybody.
const identityVersion = "jishan person 1"

// PersonID returns the id under the community's id key. The generation is 0
// until a person was erased; then it is one more than the erased one, so that
// the ledger's old numbers and the person who comes back stay apart.
func PersonID(idKey [32]byte, who Identity, generation uint32) ID {
	parts := []string{identityVersion, "idNumber", who.IDNumber}
	if who.IDNumber == "" {
		parts = []string{identityVersion, "phone", who.Name, who.Phone}
		if who.Phone == "" {
			parts = []string{identityVersion, "address", who.Name, who.Address}
		}
	}
	mac := hmac.New(sha256.New, idKey[:])
	var n [4]byte
	for _, p := range parts { // lengths in front: no two identities run together
		binary.BigEndian.PutUint32(n[:], uint32(len(p)))
		mac.Write(n[:])
		mac.Write([]byte(p))
	}
	binary.BigEndian.PutUint32(n[:], generation)
	mac.Write(n[:])
	return ID(mac.Sum(nil)[:16])
}
