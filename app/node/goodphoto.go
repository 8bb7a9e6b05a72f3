package node

import (
	"context"
	"errors"
	"slices"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/photo"
	"jishan/app/shop"
	"jishan/crdt/store"
	"jishan/p2p"
)

// Pictures of goods (docs/photos.md): the catalogue holds the hash, every device may have
// the bytes. Staff devices fetch those of all shelves, as their phone pages show them;
// a till those of its own.

const (
	// goodPhotosKept bounds what a device fetches: 48 MB at worst, a few in practice.
	goodPhotosKept = 1000
	// maxPhonePhotos is how many a phone asks for at once.
	maxPhonePhotos = 8
)

func (n *Node) shelfCalls() map[string]handler {
	return map[string]handler{
		"shop.photo":     in(n, (*community).setGoodPhoto),
		"shop.picture":   in(n, (*community).goodPhoto),
		"shop.about":     in(n, (*community).shopAbout),
		"shop.saveAbout": in(n, (*community).saveShopAbout),
	}
}

// setGoodPhoto gives an offer of this place its picture, or takes it away where no file
// is sent. Faults: shop.offer.unknown, photo.none, photo.large{pixels, limit},
// file.large{limit}, file.bad.
func (c *community) setGoodPhoto(ctx context.Context, r struct {
	Offer string `json:"offer"`
	fileRequest
}) (o shop.Offer, err error) {
	name, small := "", []byte(nil)
	if r.File != "" {
		file, err := r.bytes()
		if err == nil {
			small, err = photo.ShrinkPublic(file, photo.FromDesk)
		}
		if err != nil {
			return o, err
		}
		name = photo.HashOf(small).String()
	}
	err = c.write(ctx, func(tx *store.Tx) (err error) {
		if o, err = c.shop.SetPhoto(tx, r.Offer, name); err != nil || name == "" {
			return err
		}
		_, err = photo.KeepPublic(tx, photo.HashOf(small), small)
		return err
	})
	return o, err
}

// goodPhoto shows the picture of an offer of any place; one that is not here is fetched.
// Faults: photo.unknown, photo.away.
func (c *community) goodPhoto(ctx context.Context, r hashRequest) (out photoReply, err error) {
	h, ok := photo.ParseHash(r.Hash)
	if !ok {
		return out, fault.New("photo.unknown")
	}
	read := func() error {
		return c.view(ctx, func(q store.Querier) error {
			has, err := shop.HasPhoto(q, r.Hash)
			if err != nil || !has {
				return orFault(err, "photo.unknown")
			}
			out.JPEG, err = photo.Public(q, h)
			return err
		})
	}
	if err := read(); err != nil || out.JPEG != nil {
		return out, err
	}
	if found, err := c.mesh.fetchGoodPhoto(ctx, h); err != nil || !found {
		return out, orFault(err, "photo.away")
	}
	return out, read()
}

type phonePhotosRequest struct {
	Hashes []string `json:"hashes"`
}

type phonePhotosReply struct {
	Photos map[string][]byte `json:"photos"` // by hash, base64; what is not here is left out
}

// phonePhotos shows pictures of goods to anybody who sees the shelf. It asks no other
// device: two phones that wait would keep all others waiting. Fault: photo.many{max}.
func (c *community) phonePhotos(ctx context.Context, r phonePhotosRequest) (phonePhotosReply, error) {
	out := phonePhotosReply{Photos: map[string][]byte{}}
	if len(r.Hashes) > maxPhonePhotos {
		return out, fault.New("photo.many", "max", maxPhonePhotos)
	}
	err := c.view(ctx, func(q store.Querier) error {
		for _, name := range r.Hashes {
			h, ok := photo.ParseHash(name)
			if !ok {
				continue
			}
			has, err := shop.HasPhoto(q, name)
			if err != nil {
				return err
			}
			if !has {
				continue
			}
			b, err := photo.Public(q, h)
			if err != nil {
				return err
			}
			if b != nil {
				out.Photos[name] = b
			}
		}
		return nil
	})
	return out, err
}

// wantedGoodPhotos are the pictures of goods that this device keeps.
func (c *community) wantedGoodPhotos(q store.Querier) (out []photo.Hash, err error) {
	d, ok := c.self()
	if !ok {
		return nil, nil
	}
	place := ""
	if !d.Role.Staff() {
		place = d.Place
	}
	names, err := shop.Photos(q, place, goodPhotosKept)
	for _, name := range names {
		if h, ok := photo.ParseHash(name); ok {
			out = append(out, h)
		}
	}
	return out, err
}

// countGoodPhotos adds them to what the devices page says of pictures.
func (c *community) countGoodPhotos(q store.Querier, n *photo.Count) error {
	wanted, err := c.wantedGoodPhotos(q)
	if err != nil {
		return err
	}
	here, err := photo.PublicHere(q)
	for _, h := range wanted {
		if size, ok := here[h]; ok {
			n.Here++
			n.Bytes += size
		} else {
			n.Away++
		}
	}
	return err
}

// goodPictures is pictures for those of goods: it fetches a few that are lacking and drops
// what no offer has any more. What somebody looked at beyond the wanted stays until then.
func (t *tender) goodPictures(ctx context.Context) error {
	now, moved := t.c.node.now(), t.c.shelves.Load()
	if age := now - t.goodsAt; moved == t.goodsMoved && age >= 0 && age < choreEvery.Milliseconds() {
		return nil
	}
	var lacking, drop []photo.Hash
	err := t.c.view(ctx, func(q store.Querier) error {
		wanted, err := t.c.wantedGoodPhotos(q)
		if err != nil {
			return err
		}
		here, err := photo.PublicHere(q)
		if err != nil {
			return err
		}
		for _, h := range wanted {
			if _, ok := here[h]; !ok {
				lacking = append(lacking, h)
			}
		}
		for h := range here {
			if slices.Contains(wanted, h) {
				continue
			}
			has, err := shop.HasPhoto(q, h.String())
			if err != nil {
				return err
			}
			if !has {
				drop = append(drop, h)
			}
		}
		return nil
	})
	if err == nil && len(drop) > 0 {
		err = t.c.store.Update(ctx, store.Author{}, func(tx *store.Tx) error { return photo.DropPublic(tx, drop) })
	}
	if err != nil {
		return err
	}
	t.goodsMoved, t.goodsAt = moved, now
	found, more, err := t.fetchLacking(ctx, lacking, choreEvery, t.c.mesh.fetchGoodPhoto)
	if more {
		t.goodsAt = 0
	}
	if found {
		t.c.node.hub.tell("shop")
	}
	return err
}

// answerGoodPhoto gives an enrolled device the picture of an offer. Staff that were asked
// before they had it fetch it from the till that has, so that one that is connected to
// them alone needs not ask again.
func (m *mesh) answerGoodPhoto(ctx context.Context, pub [32]byte, h photo.Hash) (body []byte, err error) {
	away := &p2p.AnswerError{Text: "photo.away"}
	if d, ok := m.c.charter.Device(pub); !ok || d.Revoked {
		return nil, away
	}
	has := false
	read := func() error {
		return m.c.view(ctx, func(q store.Querier) error {
			if has, err = shop.HasPhoto(q, h.String()); err == nil && has {
				body, err = photo.Public(q, h)
			}
			return err
		})
	}
	err = read()
	if self, ok := m.c.self(); err == nil && has && body == nil && ok && self.Role.Staff() {
		_, tills := m.peers()
		if found, ferr := m.fetchGoodFrom(ctx, h, slices.DeleteFunc(tills, func(x [32]byte) bool { return x == pub })); found {
			err = errors.Join(ferr, read())
		}
	}
	if err != nil || body == nil {
		return nil, errors.Join(err, away)
	}
	return body, nil
}

// peers are the connected staff devices and tills.
func (m *mesh) peers() (staff, tills [][32]byte) {
	for pub := range m.online() {
		switch d, ok := m.c.charter.Device(pub); {
		case ok && d.Role.Staff():
			staff = append(staff, pub)
		case ok && d.Role == govern.Merchant:
			tills = append(tills, pub)
		}
	}
	return staff, tills
}

// fetchGoodPhoto asks the connected devices for the picture of an offer, staff first, and
// keeps it.
func (m *mesh) fetchGoodPhoto(ctx context.Context, hash photo.Hash) (bool, error) {
	staff, tills := m.peers()
	return m.fetchGoodFrom(ctx, hash, append(staff, tills...))
}

func (m *mesh) fetchGoodFrom(ctx context.Context, hash photo.Hash, from [][32]byte) (found bool, err error) {
	h := m.now()
	if h == nil {
		return false, nil
	}
	for _, pub := range from {
		body, err := h.Ask(ctx, pub, append([]byte{askGoodPhoto}, hash[:]...))
		if err != nil { // it has none, or went away
			if ctx.Err() != nil {
				return false, ctx.Err()
			}
			continue
		}
		err = m.c.store.Update(ctx, store.Author{}, func(tx *store.Tx) (err error) { found, err = photo.KeepPublic(tx, hash, body); return err })
		if err != nil || found {
			return found, err
		}
	}
	return false, nil
}
