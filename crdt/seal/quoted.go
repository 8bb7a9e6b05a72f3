package seal

import (
	"strings"

	"jishan/crdt/wire"
)

// QuoteMark ends the action of a change that others will embed in changes of
// their own, as proof. The wire may drop a seal that a later one covers; the
// seal of such a change always travels, so that the proof stays one change
// long.
const QuoteMark = "!"

// Quoted tells whether the author marked the change as one to be embedded.
func Quoted(chunk wire.Chunk) bool {
	h, err := wire.Peek(chunk)
	return err == nil && strings.HasSuffix(h.Message, QuoteMark)
}
