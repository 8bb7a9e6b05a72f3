package node

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/app/people"
	"jishan/app/photo"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Pictures of claims and deeds (docs/photos.md). A picture is added to what stands
// already, so that none of it waits for a picture.

// What a picture may be of: "claim/<id>", "deed/<the transaction's hash>".
const (
	photoOfClaim = "claim/"
	photoOfDeed  = "deed/"
)

func (n *Node) photoCalls() map[string]handler {
	return map[string]handler{
		"photo.add":      staff(n, (*community).addPhoto),
		"photo.list":     staff(n, (*community).listPhotos),
		"photo.get":      staff(n, (*community).getPhoto),
		"photo.takeDown": staff(n, (*community).takeDownPhoto),
	}
}

type photoRow struct {
	Person string `json:"person"`
	Hash   string `json:"hash"`
	Of     string `json:"of"`
	At     int64  `json:"at"`
	By     string `json:"by"`
	Here   bool   `json:"here"` // else it is fetched when it is asked for
}

type photosRequest struct {
	Person string `json:"person"`
	Of     string `json:"of"`
}

type photosReply struct {
	Photos []photoRow `json:"photos"`
	Max    int        `json:"max"` // so many hang on one thing; with a deed its claim's are listed
}

type photoRequest struct {
	Person string `json:"person"`
	Hash   string `json:"hash"`
}

// parse reads who and which. Faults: people.unknown, photo.unknown.
func (r photoRequest) parse() (people.ID, photo.Hash, error) {
	id, err := people.ParseID(r.Person)
	if err != nil {
		return id, photo.Hash{}, fault.New("people.unknown")
	}
	h, ok := photo.ParseHash(r.Hash)
	if !ok {
		return id, h, fault.New("photo.unknown")
	}
	return id, h, nil
}

// addPhoto adds a picture. Faults: people.unknown, photo.of, photo.none, photo.many{max},
// photo.large{pixels, limit}, file.large{limit}, file.bad.
func (c *community) addPhoto(ctx context.Context, r struct {
	photosRequest
	fileRequest
}) (out photosReply, err error) {
	id, err := people.ParseID(r.Person)
	if err != nil {
		return out, fault.New("people.unknown")
	}
	file, err := r.bytes()
	if err != nil {
		return out, err
	}
	keepAnswer(ctx, &out)
	return out, c.keepPhoto(ctx, id, r.Of, file, &out)
}

// keepPhoto adds what was sent to something of a person's, and fills what there is then.
func (c *community) keepPhoto(ctx context.Context, id people.ID, of string, file []byte, out *photosReply) error {
	small, err := photo.Shrink(file, photo.FromDesk)
	if err != nil {
		return err
	}
	return c.write(ctx, func(tx *store.Tx) error {
		if err := c.photoOf(tx, id, of); err != nil {
			return err
		}
		if _, err := c.photos.Add(tx, id, of, small); err != nil {
			return err
		}
		rows, err := c.photoRows(tx, id, of)
		*out = photosReply{rows, photo.MaxOf}
		return err
	})
}

// photoOf checks that there is such a thing, and that it is the person's. Faults:
// people.unknown, photo.of.
func (c *community) photoOf(q store.Querier, id people.ID, of string) error {
	if known, err := c.people.Known(q, id); err != nil || !known {
		return orFault(err, "people.unknown")
	}
	if claimID, ok := strings.CutPrefix(of, photoOfClaim); ok {
		x, err := c.claim.Get(q, claimID)
		if err == nil && !slices.Contains(c.people.IDs(id), x.Person) {
			err = fault.New("photo.of")
		}
		return err
	}
	if text, ok := strings.CutPrefix(of, photoOfDeed); ok {
		h, ok := photo.ParseHash(text)
		if !ok {
			return fault.New("photo.of")
		}
		x, err := c.ledger.Transaction(q, wire.Hash(h))
		if err != nil || !slices.ContainsFunc(x.Tx.Entries, func(e ledger.Entry) bool {
			return e.Quota.Kind == ledger.Points && slices.ContainsFunc(c.people.IDs(id), func(p people.ID) bool { return e.Quota.Subject == ledger.Subject(p) })
		}) {
			return fault.New("photo.of")
		}
		return nil
	}
	return fault.New("photo.of")
}

// orFault is err, or the fault where there is none.
func orFault(err error, code string) error {
	if err != nil {
		return err
	}
	return fault.New(code)
}

func (c *community) photoRows(q store.Querier, id people.ID, of string) ([]photoRow, error) {
	all, err := c.andClaims(q, id, of)
	out := []photoRow{}
	for _, of := range all {
		list, e := photo.Of(q, of, c.people.IDs(id)...)
		err = errors.Join(err, e)
		for _, x := range list {
			out = append(out, photoRow{x.Person.String(), x.Hash.String(), x.Of, x.At, x.By, x.Here})
		}
	}
	slices.SortStableFunc(out, func(a, b photoRow) int { return cmp.Compare(a.At, b.At) })
	return out, err
}

// listPhotos lists the pictures of one thing. Fault: people.unknown.
func (c *community) listPhotos(ctx context.Context, r photosRequest) (out photosReply, err error) {
	id, err := people.ParseID(r.Person)
	if err != nil {
		return out, fault.New("people.unknown")
	}
	out.Max = photo.MaxOf
	err = c.view(ctx, func(q store.Querier) (err error) { out.Photos, err = c.photoRows(q, id, r.Of); return err })
	return out, err
}

type photoReply struct {
	JPEG []byte `json:"jpeg"` // base64
}

// getPhoto shows a picture; one that is not here is fetched from who has it. Faults:
// people.unknown, photo.unknown, photo.erased, photo.away.
func (c *community) getPhoto(ctx context.Context, r photoRequest) (out photoReply, err error) {
	id, h, err := r.parse()
	if err != nil {
		return out, err
	}
	read := func() error {
		return c.view(ctx, func(q store.Querier) error {
			x, err := photo.Get(q, id, h)
			if err == nil {
				out.JPEG, err = x.Open(q, c.people.Texts(q))
			}
			return err
		})
	}
	if err := read(); err != nil || out.JPEG != nil {
		return out, err
	}
	if found, err := c.mesh.fetchPhoto(ctx, h); err != nil || !found {
		return out, orFault(err, "photo.away")
	}
	if err := read(); err != nil || out.JPEG != nil {
		return out, err
	}
	return out, fault.New("photo.away")
}

// takeDownPhoto takes a picture down; its bytes go from every device. Faults:
// people.unknown, photo.unknown, claim.why{max}.
func (c *community) takeDownPhoto(ctx context.Context, r struct {
	photoRequest
	Why string `json:"why"`
}) (none, error) {
	id, h, err := r.parse()
	if err != nil {
		return none{}, err
	}
	why := claimWord{Why: r.Why}
	if err := why.check(true); err != nil {
		return none{}, err
	}
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.photos.TakeDown(tx, id, h, why.Why) })
}
