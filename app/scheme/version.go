package scheme

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"jishan/crdt/wire"
)

// The versions of the encoding of a rulebook: the second one has deductions, which
// programs of the first would refuse, the third one everything else. A reader that
// meets a higher one leaves it alone until it is updated.
const (
	plainFormat = 1
	minusFormat = 2
	wholeFormat = 3
)

// formatOf is the least format that holds a rulebook.
func formatOf(h Head, items []Item) uint64 {
	switch {
	case h != (Head{}) || slices.ContainsFunc(items, func(i Item) bool { return plain(i).item() != i }):
		return wholeFormat
	case slices.ContainsFunc(items, Item.Takes):
		return minusFormat
	}
	return plainFormat
}

// maxVersion bounds version numbers: three a day for a thousand years.
const maxVersion = 1_000_000

// maxFormat bounds format numbers that pass as "newer".
const maxFormat = 255

// body is what a version's value holds.
type body struct {
	Format uint64
	From   int64
	By     string
	Head   Head
	Items  []Item
}

// plainBody is the value of the first two formats.
type plainBody struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	From   int64
	By     string
	Items  []plainItem
}

type plainItem struct {
	_                       struct{} `cbor:",toarray"`
	Code, Group, Name, Kind string
	Points, Minutes, DayCap int64
	Witness                 bool
}

func plain(i Item) plainItem {
	return plainItem{Code: i.Code, Group: i.Group, Name: i.Name, Kind: i.Kind, Points: i.Points, Minutes: i.Minutes, DayCap: i.DayCap, Witness: i.Witness}
}

// item is the inverse of plain. A kind of the third format is none here.
func (p plainItem) item() Item {
	i := Item{Code: p.Code, Group: p.Group, Name: p.Name, Kind: p.Kind, Points: p.Points, Minutes: p.Minutes, DayCap: p.DayCap, Witness: p.Witness}
	if p.Kind != Time && p.Kind != Deed && p.Kind != Deduct {
		i.Locked = true // differs from what it was made of, so that the third format is taken
	}
	return i
}

// wholeBody is the value of the third format.
type wholeBody struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	From   int64
	By     string
	Head   wholeHead
	Items  []wholeItem
}

type wholeHead struct {
	_                                           struct{} `cbor:",toarray"`
	Title, Levels, Why, Source, Upper, UpperKey string
	UpperVersion                                int64
}

type wholeItem struct {
	_                                  struct{} `cbor:",toarray"`
	Code, Group, Sub, Name, Kind       string
	Points, Minutes                    int64
	Round, Unit                        string
	Per, Times                         int64
	Span                               string
	Harder, Hardest                    int64
	DayCap, WeekCap, MonthCap, YearCap int64
	Witness, Review                    bool
	Notice                             int64
	Self, Lead                         bool
	For, Note                          string
	Locked                             bool
}

// encode is the inverse of decode; it sets the format.
func (b body) encode() ([]byte, error) {
	f := formatOf(b.Head, b.Items)
	if f < wholeFormat {
		out := plainBody{Format: f, From: b.From, By: b.By}
		for _, i := range b.Items {
			out.Items = append(out.Items, plain(i))
		}
		return encoding.Marshal(out)
	}
	h := b.Head
	out := wholeBody{Format: f, From: b.From, By: b.By,
		Head: wholeHead{Title: h.Title, Levels: h.Levels, Why: h.Why, Source: h.Source, Upper: h.Upper, UpperKey: h.UpperKey, UpperVersion: h.UpperVersion}}
	for _, i := range b.Items {
		out.Items = append(out.Items, i.whole())
	}
	return encoding.Marshal(out)
}

func (i Item) whole() wholeItem {
	return wholeItem{Code: i.Code, Group: i.Group, Sub: i.Sub, Name: i.Name, Kind: i.Kind, Points: i.Points, Minutes: i.Minutes,
		Round: i.Round, Unit: i.Unit, Per: i.Per, Times: i.Times, Span: i.Span, Harder: i.Harder, Hardest: i.Hardest,
		DayCap: i.DayCap, WeekCap: i.WeekCap, MonthCap: i.MonthCap, YearCap: i.YearCap, Witness: i.Witness, Review: i.Review,
		Notice: i.Notice, Self: i.Self, Lead: i.Lead, For: i.For, Note: i.Note, Locked: i.Locked}
}

func (w wholeItem) item() Item {
	return Item{Code: w.Code, Group: w.Group, Sub: w.Sub, Name: w.Name, Kind: w.Kind, Points: w.Points, Minutes: w.Minutes,
		Round: w.Round, Unit: w.Unit, Per: w.Per, Times: w.Times, Span: w.Span, Harder: w.Harder, Hardest: w.Hardest,
		DayCap: w.DayCap, WeekCap: w.WeekCap, MonthCap: w.MonthCap, YearCap: w.YearCap, Witness: w.Witness, Review: w.Review,
		Notice: w.Notice, Self: w.Self, Lead: w.Lead, For: w.For, Note: w.Note, Locked: w.Locked}
}

var (
	encoding = must(cbor.CoreDetEncOptions().EncMode())
	decoding = must(cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		MaxNestedLevels: 8, MaxArrayElements: MaxItems + 16, MaxMapPairs: 16,
	}.DecMode())
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

var errMalformed = errors.New("scheme: malformed version")

// errNewer says that a version was written by a newer program.
var errNewer = errors.New("scheme: a newer format")

// decode reads what Save wrote. Errors: errMalformed; errNewer.
func decode(b []byte) (body, error) {
	var parts []cbor.RawMessage
	if err := decoding.Unmarshal(b, &parts); err != nil || len(parts) == 0 {
		return body{}, errMalformed
	}
	var f uint64
	if err := decoding.Unmarshal(parts[0], &f); err != nil || f == 0 || f > maxFormat {
		return body{}, errMalformed
	}
	if f > wholeFormat {
		return body{}, errNewer
	}
	out, err := decodeAs(f, b)
	if err != nil {
		return body{}, errMalformed
	}
	if again, err := out.encode(); err != nil || !bytes.Equal(again, b) {
		return body{}, errMalformed
	}
	return out, nil
}

func decodeAs(f uint64, b []byte) (body, error) {
	if f < wholeFormat {
		var p plainBody
		err := decoding.Unmarshal(b, &p)
		out := body{Format: f, From: p.From, By: p.By}
		for _, i := range p.Items {
			out.Items = append(out.Items, i.item())
		}
		return out, err
	}
	var w wholeBody
	err := decoding.Unmarshal(b, &w)
	h := w.Head
	out := body{Format: f, From: w.From, By: w.By,
		Head: Head{Title: h.Title, Levels: h.Levels, Why: h.Why, Source: h.Source, Upper: h.Upper, UpperKey: h.UpperKey, UpperVersion: h.UpperVersion}}
	for _, i := range w.Items {
		out.Items = append(out.Items, i.item())
	}
	return out, err
}

func versionKey(n int64) string { return "version/" + strconv.FormatInt(n, 10) + "/items" }

// parseKey returns the version number that a key names.
func parseKey(key string) (int64, bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 3 {
		return 0, false
	}
	n, err := strconv.ParseInt(parts[1], 10, 64)
	return n, err == nil && n >= 1 && n <= maxVersion && versionKey(n) == key
}

// Form checks a change of the document as admission must: keys, types, and
// whether each value reads back. Values of a newer format pass.
func Form(ch *wire.Change) error {
	for _, op := range ch.Ops {
		if _, ok := parseKey(op.Key); !ok {
			return fmt.Errorf("scheme: no such key: %.40q", op.Key)
		}
		if op.Delete {
			return errors.New("scheme: versions are never removed")
		}
		if err := formVersion(op.Value); err != nil {
			return err
		}
	}
	return nil
}

func formVersion(v wire.Value) error {
	if v.Kind != wire.Bytes {
		return errMalformed
	}
	b, err := decode([]byte(v.Raw))
	if errors.Is(err, errNewer) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := b.Head.check(); err != nil {
		return fmt.Errorf("%w: %s", errMalformed, err.Error())
	}
	if _, err := clean(b.Items); err != nil {
		return fmt.Errorf("%w: %s", errMalformed, err.Error())
	}
	return nil
}
