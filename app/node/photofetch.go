package node

import (
	"context"
	"encoding/binary"
	"errors"
	"time"

	"jishan/app/govern"
	"jishan/app/photo"
	"jishan/crdt/store"
	"jishan/p2p"
)

// Pictures travel beside the documents, between staff devices: by one question for each
// piece, when somebody wants to look. Offices fetch them all, little by little, so that
// a picture outlives the machine on which it was taken.

const (
	// photoAskSize is a question's body: hash and offset.
	photoAskSize = 32 + 4
	// photoPiece bounds an answer: four bytes of size stand before it.
	photoPiece = p2p.MaxAsk - 1024
	// photosAtOnce is how many pictures one round of chores fetches.
	photosAtOnce = 4
	// photosSeen is how far a round looks for one that may be had.
	photosSeen = 256
	// photoAgain is how long a picture that nobody in reach had is not asked for.
	photoAgain = 10 * time.Minute
)

// answerPhoto gives a piece of a picture to staff: its size, then bytes from the offset.
func (m *mesh) answerPhoto(ctx context.Context, pub [32]byte, req []byte) ([]byte, error) {
	away := &p2p.AnswerError{Text: "photo.away"}
	if d, ok := m.c.charter.Device(pub); !ok || !d.Role.Staff() || d.Revoked {
		return nil, away
	}
	var body []byte
	err := m.c.view(ctx, func(q store.Querier) (err error) { body, err = photo.Body(q, photo.Hash(req[:32])); return err })
	at := int64(binary.BigEndian.Uint32(req[32:]))
	if err != nil || body == nil || at >= int64(len(body)) {
		return nil, errors.Join(err, away)
	}
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	return append(out, body[at:min(int64(len(body)), at+photoPiece)]...), nil
}

// fetchPhoto asks the connected staff for a picture and keeps it.
func (m *mesh) fetchPhoto(ctx context.Context, hash photo.Hash) (found bool, err error) {
	h := m.now()
	if h == nil {
		return false, nil
	}
	for pub := range m.online() {
		if d, ok := m.c.charter.Device(pub); !ok || !d.Role.Staff() {
			continue
		}
		body, err := askPhotoOf(ctx, h, pub, hash)
		if err != nil { // it has none, or went away
			if ctx.Err() != nil {
				return false, ctx.Err()
			}
			continue
		}
		err = m.c.store.Update(ctx, store.Author{}, func(tx *store.Tx) (err error) { found, err = photo.Keep(tx, hash, body); return err })
		if err != nil || found {
			return found, err
		}
	}
	return false, nil
}

// askPhotoOf fetches a picture piece by piece from one device, which may answer anything.
func askPhotoOf(ctx context.Context, h *p2p.Host, pub [32]byte, hash photo.Hash) (body []byte, err error) {
	for {
		req := binary.BigEndian.AppendUint32(append([]byte{askPhoto}, hash[:]...), uint32(len(body)))
		got, err := h.Ask(ctx, pub, req)
		if err != nil {
			return nil, err
		}
		if len(got) <= 4 {
			return nil, errors.New("an empty piece")
		}
		size := int(binary.BigEndian.Uint32(got))
		if body = append(body, got[4:]...); size > photo.MaxBytes || len(body) > size {
			return nil, errors.New("more than a picture")
		}
		if len(body) == size {
			return body, nil
		}
	}
}

// pictures fetches some of what this device keeps for all, and drops what is no longer
// wanted. It looks when pictures came on record, while there is something to fetch, and
// once a minute.
func (t *tender) pictures(ctx context.Context) error {
	now, moved := t.c.node.now(), t.c.photos.Moved()
	if age := now - t.photosAt; moved == t.photosMoved && age >= 0 && age < choreEvery.Milliseconds() {
		return nil
	}
	var lacking []photo.Photo
	var drop []photo.Hash
	keeps := t.c.keepsAll()
	err := t.c.view(ctx, func(q store.Querier) error {
		erased, err := t.c.people.ErasedPeople(q)
		if err != nil {
			return err
		}
		if drop, err = photo.Unwanted(q, erased); err != nil || !keeps {
			return err
		}
		lacking, err = photo.Lacking(q, erased, photosSeen)
		return err
	})
	if err == nil && len(drop) > 0 {
		err = t.c.store.Update(ctx, store.Author{}, func(tx *store.Tx) error { return photo.Drop(tx, drop) })
	}
	if err != nil {
		return err
	}
	t.photosMoved, t.photosAt = moved, now
	var hashes []photo.Hash
	for _, x := range lacking {
		hashes = append(hashes, x.Hash)
	}
	found, more, err := t.fetchLacking(ctx, hashes, photoAgain, t.c.mesh.fetchPhoto)
	if more {
		t.photosAt = 0
	}
	if found {
		t.c.node.hub.tell("people")
	}
	return err
}

// fetchLacking fetches some pictures of a list, but for those that nobody had a little
// while ago. It tells whether one came, and whether
// more may be had at once.
func (t *tender) fetchLacking(ctx context.Context, list []photo.Hash, again time.Duration, fetch func(context.Context, photo.Hash) (bool, error)) (found, more bool, err error) {
	if len(t.c.mesh.online()) == 0 {
		return false, false, nil
	}
	now, n := t.c.node.now(), 0
	for _, h := range list {
		if n == photosAtOnce {
			return found, true, nil
		}
		if since, tried := t.noPhoto[h]; tried && now < since+again.Milliseconds() {
			continue
		}
		came, err := fetch(ctx, h)
		if err != nil {
			return found, false, err
		}
		if n++; came {
			delete(t.noPhoto, h)
			found = true
			continue
		}
		if len(t.noPhoto) >= photosSeen {
			clear(t.noPhoto)
		}
		t.noPhoto[h] = now
	}
	return found, false, nil
}

// keepsAll tells whether this device fetches every picture: offices, and the main device
// whatever it is.
func (c *community) keepsAll() bool {
	d, ok := c.self()
	return ok && (d.Registrar || d.Role == govern.Office)
}

// photoCount is what the devices page says of pictures; at a till of its own goods only.
func (c *community) photoCount(q store.Querier) (n photo.Count, err error) {
	if d, ok := c.self(); ok && d.Role.Staff() {
		if n, err = photo.Counts(q); err != nil {
			return n, err
		}
	}
	return n, c.countGoodPhotos(q, &n)
}
