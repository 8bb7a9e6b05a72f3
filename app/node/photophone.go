package node

import (
	"context"
	"encoding/base64"
	"regexp"
	"sync"
	"time"

	"jishan/app/fault"
	"jishan/app/people"
	"jishan/app/photo"
	"jishan/crdt/store"
)

// A phone's pictures come before the claim they belong to, in pieces, since a call of a
// phone is small; the claim names them. They are in memory until then: a station that
// was started meanwhile takes the claim without them.

const (
	// maxShotPiece is a piece as it is sent, before base64.
	maxShotPiece = 32 << 10
	// maxShot bounds a picture from a phone.
	maxShot = 512 << 10
	// maxShots is how many pictures a claim from a phone brings.
	maxShots = 3
	// maxShooters is how many people's pictures wait at a time, and shotLife for how long.
	maxShooters = 24
	shotLife    = 15 * time.Minute
)

// shots are pictures that phones have sent and no claim has named yet.
type shots struct {
	mu sync.Mutex
	of map[people.ID]*shooting
}

type shooting struct {
	at    int64
	files map[string][]byte
}

var shotName = regexp.MustCompile(`^[0-9a-zA-Z-]{8,64}$`)

type phoneShotRequest struct {
	tokenRequest
	Name  string `json:"name"`  // random, made by the page
	At    int    `json:"at"`    // bytes that were sent before; 0 begins anew
	Piece string `json:"piece"` // base64, at most maxShotPiece
}

type phoneShotReply struct {
	At int `json:"at"` // bytes that are here
}

// phoneShot takes a piece of a picture. One that was sent twice is taken once. Faults:
// file.bad, photo.size{limit}, photo.many{max}, photo.busy, photo.piece.
func (c *community) phoneShot(_ context.Context, p people.ID, r phoneShotRequest) (phoneShotReply, error) {
	piece, err := base64.StdEncoding.DecodeString(r.Piece)
	if err != nil || len(piece) == 0 || len(piece) > maxShotPiece || r.At < 0 || !shotName.MatchString(r.Name) {
		return phoneShotReply{}, fault.New("file.bad")
	}
	at, err := c.node.shots.add(p, r.Name, r.At, piece, c.node.now())
	return phoneShotReply{at}, err
}

func (s *shots) add(p people.ID, name string, at int, piece []byte, now int64) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, x := range s.of {
		if age := now - x.at; age < 0 || age > shotLife.Milliseconds() {
			delete(s.of, id)
		}
	}
	x := s.of[p]
	if x == nil {
		if len(s.of) >= maxShooters {
			return 0, fault.New("photo.busy")
		}
		if s.of == nil {
			s.of = map[people.ID]*shooting{}
		}
		x = &shooting{files: map[string][]byte{}}
		s.of[p] = x
	}
	have := x.files[name]
	switch {
	case at == 0:
		have = nil
	case at > len(have): // it was forgotten meanwhile
		return len(have), fault.New("photo.piece")
	case at < len(have):
		have = have[:at]
	}
	if have == nil && x.files[name] == nil && len(x.files) >= maxShots {
		return 0, fault.New("photo.many", "max", maxShots)
	}
	if len(have)+len(piece) > maxShot {
		return len(have), fault.New("photo.size", "limit", maxShot)
	}
	x.at, x.files[name] = now, append(have, piece...)
	return len(x.files[name]), nil
}

// take hands over what a claim names, as far as it is here, and forgets all of the person's.
func (s *shots) take(p people.ID, names []string) (files [][]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.of[p]
	if x == nil {
		return nil
	}
	for _, name := range names[:min(len(names), maxShots)] {
		if b := x.files[name]; b != nil {
			files = append(files, b)
		}
	}
	delete(s.of, p)
	return files
}

// shrunk makes what is kept of what a phone sent. A claim does not wait for a picture:
// what is none is left out.
func (c *community) shrunk(files [][]byte) (out [][]byte) {
	for _, f := range files {
		b, err := photo.Shrink(f, photo.FromPhone)
		if err != nil {
			c.node.log.Info("a picture of a claim was left out", "err", err.Error())
			continue
		}
		out = append(out, b)
	}
	return out
}

// addShots hangs pictures on a claim that is being made.
func (c *community) addShots(tx *store.Tx, p people.ID, claimID string, files [][]byte) error {
	for _, b := range files {
		if _, err := c.photos.Add(tx, p, photoOfClaim+claimID, b); err != nil {
			return err
		}
	}
	return nil
}
