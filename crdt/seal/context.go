package seal

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"jishan/crdt/wire"
)

// MaxContext bounds a context's text in bytes: what a change's message may
// hold, and few enough to read in any Automerge tool.
const MaxContext = 200

// contextVersion is the first word of every context.
const contextVersion = "1"

// none stands for an absent head or operator.
const none = "-"

// Context is what a change's message says: under which governance head it was
// written, who did it, and what was done.
type Context struct {
	Term, Seq uint64   // the governance entry that the author knew last
	Head      [16]byte // the first half of that change's hash
	Operator  string   // id of the person at the screen; may be empty
	Action    string   // the action's name, e.g. "activity.publish"
}

// HeadOf shortens a governance change's hash as contexts name it.
func HeadOf(h wire.Hash) [16]byte { return [16]byte(h[:16]) }

// String returns the message text: four words separated by one space.
func (c Context) String() string {
	head := none
	if c.Head != ([16]byte{}) {
		head = base64.RawURLEncoding.EncodeToString(c.Head[:])
	}
	var b strings.Builder
	b.Grow(64 + len(c.Operator) + len(c.Action))
	b.WriteString(contextVersion + " ")
	b.WriteString(strconv.FormatUint(c.Term, 10))
	b.WriteByte('.')
	b.WriteString(strconv.FormatUint(c.Seq, 10))
	b.WriteByte('.')
	b.WriteString(head)
	b.WriteByte(' ')
	b.WriteString(escape(c.Operator))
	b.WriteByte(' ')
	b.WriteString(escape(c.Action))
	return b.String()
}

// ParseContext reads what String wrote and nothing else. Error: ErrMalformed.
func ParseContext(s string) (Context, error) {
	bad := fmt.Errorf("%w: message is no context", ErrMalformed)
	words := strings.Split(s, " ")
	if len(s) > MaxContext || len(words) != 4 || words[0] != contextVersion {
		return Context{}, bad
	}
	parts := strings.SplitN(words[1], ".", 3)
	if len(parts) != 3 {
		return Context{}, bad
	}
	var c Context
	var err [5]error
	c.Term, err[0] = strconv.ParseUint(parts[0], 10, 32)
	c.Seq, err[1] = strconv.ParseUint(parts[1], 10, 32)
	c.Head, err[2] = parseHead(parts[2])
	c.Operator, err[3] = unescape(words[2])
	c.Action, err[4] = unescape(words[3])
	for _, e := range err {
		if e != nil {
			return Context{}, bad
		}
	}
	if c.String() != s {
		return Context{}, bad
	}
	return c, nil
}

func parseHead(s string) (h [16]byte, err error) {
	if s == none {
		return h, nil
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != len(h) {
		return h, ErrMalformed
	}
	return [16]byte(b), nil
}

const hexDigits = "0123456789ABCDEF"

// escape makes one word of any text: everything but printable ASCII is
// percent-escaped, the empty text is "-".
func escape(s string) string {
	if s == "" {
		return none
	}
	if s != none && strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 || !plain(byte(r)) }) < 0 {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		if plain(s[i]) && s != none {
			b.WriteByte(s[i])
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hexDigits[s[i]>>4])
		b.WriteByte(hexDigits[s[i]&15])
	}
	return b.String()
}

func plain(c byte) bool { return c > ' ' && c < 0x7f && c != '%' }

func unescape(s string) (string, error) {
	if s == none {
		return "", nil
	}
	if !strings.Contains(s, "%") {
		return s, nil
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", ErrMalformed
		}
		n, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
		if err != nil {
			return "", ErrMalformed
		}
		b.WriteByte(byte(n))
		i += 2
	}
	return b.String(), nil
}
