package node

import (
	"encoding/hex"
	"strconv"

	"jishan/app/fault"
	"jishan/crdt/wire"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func hexText(b []byte) string { return hex.EncodeToString(b) }

func parseHash(text string) (wire.Hash, error) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != len(wire.Hash{}) {
		return wire.Hash{}, fault.New("call.params", "field", "hash")
	}
	return wire.Hash(b), nil
}
