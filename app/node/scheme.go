package node

import (
	"context"
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"sync"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/scheme"
	"jishan/app/scheme/ready"
	"jishan/app/sheet"
	"jishan/crdt/store"
)

func (n *Node) schemeCalls() map[string]handler {
	return map[string]handler{
		"scheme.get":      in(n, (*community).getScheme),
		"scheme.at":       staff(n, (*community).schemeAt),
		"scheme.save":     staff(n, (*community).saveScheme),
		"scheme.versions": staff(n, (*community).schemeVersions),
		"scheme.restore":  staff(n, (*community).restoreScheme),
		"scheme.read":     staff(n, (*community).readScheme),
		"scheme.ready":    staff(n, (*community).readySchemes),
		"scheme.above":    staff(n, (*community).readRulebook),
		"scheme.adopt":    staff(n, (*community).adoptRulebook),
	}
}

func (c *community) getScheme(ctx context.Context, _ none) (s scheme.Scheme, err error) {
	err = c.view(ctx, func(q store.Querier) error { s, err = c.scheme.Get(q); return err })
	return s, err
}

type versionRequest struct {
	Version int64 `json:"version"`
}

// schemeAt is a version that is or was in force. Fault: scheme.version.unknown.
func (c *community) schemeAt(ctx context.Context, r versionRequest) (s scheme.Scheme, err error) {
	err = c.view(ctx, func(q store.Querier) error { s, err = c.scheme.At(q, r.Version); return err })
	return s, err
}

// saveScheme makes the next version; without a head that of the version in force
// stays. Faults: app.role, scheme.locked {code} and those of scheme.Write.
func (c *community) saveScheme(ctx context.Context, r struct {
	Head  *scheme.Head  `json:"head"`
	Items []scheme.Item `json:"items"`
}) (s scheme.Scheme, err error) {
	if d, _ := c.self(); d.Role != govern.Office {
		return s, fault.New("app.role")
	}
	err = c.write(ctx, func(tx *store.Tx) error { s, err = c.scheme.Revise(tx, r.Head, r.Items, c.operator()); return err })
	return s, err
}

// schemeVersion is a version in the list of all.
type schemeVersion struct {
	scheme.Head
	Version int64  `json:"version"`
	From    int64  `json:"from"`
	By      string `json:"by"`
	Items   int    `json:"items"`
	Rival   bool   `json:"rival"` // made apart under a number that another one holds
}

type schemeVersionsReply struct {
	Versions []schemeVersion `json:"versions"` // newest first
}

func (c *community) schemeVersions(ctx context.Context, _ none) (out schemeVersionsReply, err error) {
	out.Versions = []schemeVersion{}
	err = c.view(ctx, func(q store.Querier) error {
		list, err := c.scheme.Versions(q)
		if err != nil {
			return err
		}
		rivals, err := c.scheme.Rivals(q)
		for _, s := range list {
			out.Versions = append(out.Versions, schemeVersion{Head: s.Head, Version: s.Version, From: s.From, By: s.By, Items: len(s.Items)})
		}
		for _, s := range rivals {
			out.Versions = append(out.Versions, schemeVersion{Head: s.Head, Version: s.Version, From: s.From, By: s.By, Items: len(s.Items), Rival: true})
		}
		return err
	})
	slices.SortStableFunc(out.Versions, func(a, b schemeVersion) int { return int(b.Version - a.Version) })
	return out, err
}

// restoreScheme brings an older version back, as a new one: what was booked
// meanwhile stays. Faults: as saveScheme and schemeAt.
func (c *community) restoreScheme(ctx context.Context, r versionRequest) (s scheme.Scheme, err error) {
	if d, _ := c.self(); d.Role != govern.Office {
		return s, fault.New("app.role")
	}
	err = c.write(ctx, func(tx *store.Tx) error {
		old, err := c.scheme.At(tx, r.Version)
		if err != nil {
			return err
		}
		s, err = c.scheme.Restore(tx, old, c.operator())
		return err
	})
	return s, err
}

// schemeDraft is a workbook as it was understood, to be looked at again.
type schemeDraft struct {
	Token string `json:"token"`
	scheme.Draft
}

// drafts keeps the workbooks that were read last, so that they can be handed back
// with what is wrong in them. They are gone after a restart, like their screens.
type drafts[T any] struct {
	mu   sync.Mutex
	list []draft[T]
}

type draft[T any] struct {
	token string
	what  T
}

// maxDrafts is how many are kept: a few screens that read one each.
const maxDrafts = 8

func (d *drafts[T]) keep(token string, x T) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.list = append(d.list, draft[T]{token, x})
	if len(d.list) > maxDrafts {
		d.list = d.list[1:]
	}
}

// find returns a draft, or the fault that says that it is gone.
func (d *drafts[T]) find(token string, gone error) (x T, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, one := range d.list {
		if one.token == token {
			return one.what, nil
		}
	}
	return x, gone
}

// maxPaste bounds a pasted rulebook, in bytes: far more than fits a version.
const maxPaste = 1 << 20

// schemeRequest names one source of a rulebook.
type schemeRequest struct {
	Text  string `json:"text"`  // pasted from a workbook
	File  string `json:"file"`  // a workbook
	Ready string `json:"ready"` // the id of a ready-made one
}

// readScheme understands a workbook, what was pasted from one, or a ready-made
// rulebook; it writes nothing. Faults: those of package sheet, scheme.Read and ready.Read.
func (c *community) readScheme(ctx context.Context, r schemeRequest) (out schemeDraft, err error) {
	err = c.view(ctx, func(q store.Querier) error {
		now, err := c.scheme.Get(q)
		if err == nil {
			out.Draft, err = r.read(now)
		}
		return err
	})
	if err != nil {
		return out, err
	}
	var id [16]byte
	if _, err = io.ReadFull(c.node.cfg.Rand, id[:]); err == nil {
		out.Token = hex.EncodeToString(id[:])
		c.drafts.keep(out.Token, out)
	}
	return out, err
}

func (r schemeRequest) read(now scheme.Scheme) (scheme.Draft, error) {
	if r.Ready != "" {
		return ready.Read(r.Ready, now)
	}
	cells, err := schemeCells(r.Text, r.File)
	if err != nil {
		return scheme.Draft{}, err
	}
	return scheme.Read(cells, now)
}

type readyReply struct {
	Books []ready.Book `json:"books"`
}

// readySchemes lists the rulebooks that a community can begin with.
func (c *community) readySchemes(context.Context, none) (out readyReply, err error) {
	out.Books, err = ready.List()
	return out, err
}

func schemeCells(text, file string) (out scheme.Cells, err error) {
	if file == "" {
		if len(text) > maxPaste {
			return out, fault.New("sheet.large", "max", maxPaste)
		}
		for line := range strings.Lines(text) {
			out.Rows = append(out.Rows, strings.Split(strings.TrimRight(line, "\r\n"), "\t"))
		}
		return out, nil
	}
	b, err := fileRequest{file}.bytes()
	if err != nil {
		return out, err
	}
	return sheet.ReadScheme(b)
}

// schemeFile is a version as a workbook that reads in again.
func (c *community) schemeFile(ctx context.Context, version int64) (*File, error) {
	var s scheme.Scheme
	err := c.view(ctx, func(q store.Querier) (err error) {
		if version == 0 {
			s, err = c.scheme.Get(q)
		} else {
			s, err = c.scheme.At(q, version)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	name := c.charter.Settings().Name
	return workbook(c.fileName(sheet.TakenScheme, name, c.stamp()), func(w io.Writer) error { return sheet.Scheme(w, name, s) })
}

// schemeErrorsFile hands a workbook back; without a token an empty one to fill in.
func (c *community) schemeErrorsFile(token string) (*File, error) {
	if token == "" {
		return workbook(c.fileName(sheet.TakenSchemeBlank), func(w io.Writer) error { return sheet.Scheme(w, "", scheme.Scheme{}) })
	}
	d, err := c.drafts.find(token, fault.New("scheme.token"))
	if err != nil {
		return nil, err
	}
	return workbook(c.fileName(sheet.TakenSchemeErrors), func(w io.Writer) error { return sheet.SchemeErrors(w, d.Draft) })
}
