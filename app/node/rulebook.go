package node

import (
	"bytes"
	"context"
	"strings"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/scheme"
	"jishan/app/sheet"
	"jishan/crdt/store"
)

// The rulebook of the level above: its main device signs it as a file, the office of a
// community takes it in. There is no network between the two, and nothing goes back.

// rulebookSuffix is the end of such a file's name.
const rulebookSuffix = ".jishanrules"

// rulebookFile is the rulebook in force for the communities below, who may change the
// rules whose codes are named (with spaces between). Faults: report.above (this is no
// office above communities), govern.registrar.only, those of scheme.HandDown.
func (c *community) rulebookFile(ctx context.Context, open string) (*File, error) {
	if err := c.aboveHere(); err != nil {
		return nil, err
	}
	d, now := c.node.device.Load(), c.node.now()
	i, err := c.charter.Introduce(d, now)
	if err != nil {
		return nil, err
	}
	s, err := c.getScheme(ctx, none{})
	if err != nil {
		return nil, err
	}
	raw, err := scheme.HandDown(d.Private, i, s, strings.Fields(open), now)
	if err != nil {
		return nil, err
	}
	return &File{Name: c.fileName(sheet.TakenSchemeSigned, i.Name, c.stamp()) + rulebookSuffix, Type: "application/octet-stream", Body: bytes.NewReader(raw)}, nil
}

// rulebookReply is a rulebook from above and what would become of the community's.
type rulebookReply struct {
	By      string        `json:"by"`
	Version int64         `json:"version"` // there
	Made    int64         `json:"made"`
	Head    scheme.Head   `json:"head"`
	Items   []scheme.Item `json:"items"`
	Locked  int           `json:"locked"`
}

// readRulebook shows what taking a file in would do; it writes nothing. Faults:
// scheme.above.none, those of scheme.ReadFromAbove and Book.Below, scheme.above.other {name, above}.
func (c *community) readRulebook(ctx context.Context, r fileRequest) (out rulebookReply, err error) {
	f, err := c.fromAbove(r)
	if err != nil {
		return out, err
	}
	out.By, out.Version, out.Made = f.By.Name, f.Version, f.Made
	err = c.view(ctx, func(q store.Querier) error { out.Head, out.Items, err = c.scheme.Below(q, f); return err })
	for _, i := range out.Items {
		if i.Locked {
			out.Locked++
		}
	}
	return out, err
}

type adoptRequest struct {
	fileRequest
	Why string `json:"why"`
}

// adoptRulebook makes the next version of it. Faults: app.role, those of readRulebook
// and scheme.Write.
func (c *community) adoptRulebook(ctx context.Context, r adoptRequest) (s scheme.Scheme, err error) {
	if d, _ := c.self(); d.Role != govern.Office {
		return s, fault.New("app.role")
	}
	f, err := c.fromAbove(r.fileRequest)
	if err != nil {
		return s, err
	}
	err = c.write(ctx, func(tx *store.Tx) error {
		s, err = c.scheme.Adopt(tx, f, strings.TrimSpace(r.Why), c.operator())
		return err
	})
	return s, err
}

// fromAbove reads a file that the level above signed, which the charter names.
func (c *community) fromAbove(r fileRequest) (f scheme.FromAbove, err error) {
	above, ok := c.charter.Settings().AboveOf()
	if !ok {
		return f, fault.New("scheme.above.none")
	}
	b, err := r.bytes()
	if err != nil {
		return f, err
	}
	if f, err = scheme.ReadFromAbove(b); err != nil {
		return f, err
	}
	if f.By.Root != above.Root || f.By.Device != above.Device {
		return scheme.FromAbove{}, fault.New("scheme.above.other", "name", f.By.Name, "above", above.Name)
	}
	return f, nil
}
