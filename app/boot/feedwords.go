package boot

import (
	"fmt"
	"strings"

	"jishan/app/ledger"
	"jishan/app/settle"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// opWords writes an operation's value: a ledger transaction entry by entry, a
// settlement's sums, everything else as its bytes say.
func opWords(doc store.DocID, op wire.Op) string {
	if op.Delete {
		return ""
	}
	community, _, path, err := doc.Parts()
	if err == nil && strings.HasPrefix(path, "settle/") && op.Value.Kind == wire.Bytes {
		return settleWords(op.Value)
	}
	if err != nil || !strings.HasPrefix(path, "feed/") || op.Value.Kind != wire.Bytes {
		return valueWords(op.Value)
	}
	tx, err := ledger.Decode([]byte(op.Value.Raw), ledger.TextSubject(community))
	if err != nil {
		return valueWords(op.Value)
	}
	return txWords(tx)
}

// settleWords leaves out accounts: what it prints may go into a bug report.
func settleWords(v wire.Value) string {
	e, err := settle.Decode([]byte(v.Raw))
	switch {
	case err != nil:
		return valueWords(v)
	case e.Payment != nil:
		return fmt.Sprintf("PAID %d fen for %.8s, %q", e.Payment.Fen, e.Payment.Settlement.String(), e.Payment.Reference)
	case e.Terms != nil:
		return fmt.Sprintf("TERMS %d fen a point", e.Terms.Peg)
	}
	s := e.Settlement
	w := fmt.Sprintf("SETTLEMENT %d up to %s: %d points less %d at %d fen, %d fen, %d brought, %d to pay", s.Number, s.Day, s.Points, s.Back, s.Peg, s.Fen, s.Brought, s.Pay)
	for _, r := range s.Ranges {
		w += fmt.Sprintf("; %.8s %d to %d", r.Feed.String(), r.From, r.To)
	}
	return w
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
