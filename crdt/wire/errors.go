package wire

import "errors"

// The ways in which a change is refused. Every error of this package is one of
// them under errors.Is, and says in a few words what was wrong.
var (
	// ErrTooLarge: a limit of this package is exceeded.
	ErrTooLarge = errors.New("too large")
	// ErrChecksum: the bytes are damaged.
	ErrChecksum = errors.New("wrong checksum")
	// ErrMalformed: the bytes are no Automerge change.
	ErrMalformed = errors.New("malformed")
	// ErrCanonical: a change, but not written the one way it is to be written.
	ErrCanonical = errors.New("not canonical")
	// ErrShape: a change that Automerge may know, but not of our shape: a
	// flat root map of scalars, one operation per key.
	ErrShape = errors.New("not our document shape")
)

// refusal is one of the errors above with its reason.
type refusal struct {
	kind error
	why  string
}

func (r *refusal) Error() string { return "wire: " + r.kind.Error() + ": " + r.why }
func (r *refusal) Unwrap() error { return r.kind }

func refuse(kind error, why string) error { return &refusal{kind, why} }
