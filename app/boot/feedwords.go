package boot

import (
	"fmt"
	"strings"

	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// opWords writes an operation's value: a ledger transaction entry by entry,
// everything else as its bytes say.
func opWords(doc store.DocID, op wire.Op) string {
	if op.Delete {
		return ""
	}
	community, _, path, err := doc.Parts()
	if err != nil || !strings.HasPrefix(path, "feed/") || op.Value.Kind != wire.Bytes {
		return valueWords(op.Value)
	}
	tx, err := ledger.Decode([]byte(op.Value.Raw), ledger.TextSubject(community))
	if err != nil {
		return valueWords(op.Value)
	}
	return txWords(tx)
}

func txWords(tx *ledger.Tx) string {
	var words []string
	if tx.Part != nil {
		words = append(words, fmt.Sprintf("PART after %d transactions", tx.Part.Number))
	}
	for _, e := range tx.Entries {
		words = append(words, entryWords(e))
	}
	return strings.Join(words, "; ")
}

func entryWords(e ledger.Entry) string {
	if e.Type == ledger.Seen {
		return fmt.Sprintf("SEEN %d feeds", len(e.Tips))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%v %d %v", e.Type, e.Amount, e.Quota)
	if e.Item != "" {
		fmt.Fprintf(&b, " for %s, version %d", e.Item, e.Version)
	}
	if e.To != (ledger.Feed{}) {
		fmt.Fprintf(&b, " to %.8s", e.To.Incarnation.String())
	}
	if e.Ref != (ledger.Ref{}) {
		fmt.Fprintf(&b, " of %.8s", e.Ref.Hash.String())
	}
	if e.Note != "" {
		fmt.Fprintf(&b, " %q", e.Note)
	}
	return b.String()
}
