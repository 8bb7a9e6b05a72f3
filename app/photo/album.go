package photo

import (
	"crypto/sha256"
	"database/sql"
	_ "embed" // the schema
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"

	"jishan/app/coded"
	"jishan/app/fault"
	"jishan/app/people"
	"jishan/crdt/store"
)

//go:embed schema.sql
var schema string

// Config is what an album needs.
type Config struct {
	Doc  func(path string) store.DocID
	Seal func(tx *store.Tx, p people.ID, field, plain string) ([]byte, error) // with the person's key
	Rand io.Reader
}

// Album is the pictures of a community.
type Album struct {
	cfg   Config
	moved atomic.Uint64
}

// Moved counts what came on record since the program began, and how often Look said that
// something else may have changed: keys that came or were destroyed.
func (a *Album) Moved() uint64 { return a.moved.Load() }

// Look lets those look again who look when pictures have moved.
func (a *Album) Look() { a.moved.Add(1) }

// New returns an album, a projector of its store.
func New(cfg Config) *Album { return &Album{cfg: cfg} }

// Photo is one picture.
type Photo struct {
	Hash   Hash
	Person people.ID
	Of     string
	Size   int64
	At     int64
	By     string
	Here   bool
	key    []byte
}

// Kind is what sort of thing it is a picture of: the first part of Of.
func (x Photo) Kind() string {
	kind, _, _ := strings.Cut(x.Of, "/")
	return kind
}

// Add keeps a picture (see Shrink) of something of a person's. Faults: people.unknown,
// photo.many{max}.
func (a *Album) Add(tx *store.Tx, p people.ID, of string, jpeg []byte) (Hash, error) {
	if !ofForm.MatchString(of) {
		return Hash{}, errForm
	}
	list, err := Of(tx, of, p)
	if err != nil {
		return Hash{}, err
	}
	if len(list) >= MaxOf {
		return Hash{}, fault.New("photo.many", "max", MaxOf)
	}
	key, body, err := lock(a.cfg.Rand, jpeg)
	if err != nil {
		return Hash{}, err
	}
	h := Hash(sha256.Sum256(body))
	sealed, err := a.cfg.Seal(tx, p, bound(h, made), hex.EncodeToString(key[:]))
	if err != nil {
		return h, err
	}
	one, err := put(p, h, made, madeValue{Format: format, Of: of, Size: int64(len(body)), Key: sealed})
	if err != nil {
		return h, err
	}
	if _, err := tx.Put(a.doc(p), action, one); err != nil {
		return h, err
	}
	_, err = Keep(tx, h, body)
	return h, err
}

// TakeDown takes a picture down; why is for who asks later. Its bytes go from each device
// by [Unwanted]. Fault: photo.unknown.
func (a *Album) TakeDown(tx *store.Tx, p people.ID, h Hash, why string) error {
	var n int
	err := tx.QueryRow(`SELECT count(*) FROM photo_row r WHERE hash = ? AND person = ? AND `+stands, h[:], p[:]).Scan(&n)
	if err == nil && n == 0 {
		err = fault.New("photo.unknown")
	}
	if err != nil {
		return err
	}
	sealed, err := a.cfg.Seal(tx, p, bound(h, off), why)
	if err != nil {
		return err
	}
	one, err := put(p, h, off, offValue{Format: format, Why: sealed})
	if err != nil {
		return err
	}
	_, err = tx.Put(a.doc(p), action, one)
	return err
}

func (a *Album) doc(p people.ID) store.DocID {
	return a.cfg.Doc(fmt.Sprintf("people/%02d", p.Shard()))
}

// Open returns a picture; nil if it is not here. Fault: photo.erased for one whose key
// was destroyed with the person's.
func (x Photo) Open(q store.Querier, texts *people.Texts) ([]byte, error) {
	key, err := texts.Open(x.Person, bound(x.Hash, made), x.key)
	if err != nil {
		return nil, err
	}
	plain, err := hex.DecodeString(people.Plain(key))
	if err != nil || len(plain) != 32 {
		return nil, fault.New("photo.erased")
	}
	body, err := Body(q, x.Hash)
	if err != nil || body == nil {
		return nil, err
	}
	return unlock(plain, body)
}

const (
	columns = `r.hash, r.person, r.of, r.size, r.key, r.at, r.by, EXISTS (SELECT 1 FROM local_photo b WHERE b.hash = r.hash)`
	stands  = `NOT EXISTS (SELECT 1 FROM photo_off o WHERE o.hash = r.hash AND o.person = r.person)`
)

// Of lists the pictures of one thing, of whoever is one person, the oldest first.
func Of(q store.Querier, of string, persons ...people.ID) (list []Photo, err error) {
	for _, p := range persons {
		some, err := read(q, `WHERE r.person = ? AND r.of = ? AND `+stands+` ORDER BY r.at, r.hash`, p[:], of)
		if err != nil {
			return nil, err
		}
		list = append(list, some...)
	}
	return list, nil
}

// All lists a person's pictures, the oldest first.
func All(q store.Querier, persons ...people.ID) (list []Photo, err error) {
	for _, p := range persons {
		some, err := read(q, `WHERE r.person = ? AND `+stands+` ORDER BY r.at, r.hash`, p[:])
		if err != nil {
			return nil, err
		}
		list = append(list, some...)
	}
	return list, nil
}

// Get returns one picture. Fault: photo.unknown.
func Get(q store.Querier, p people.ID, h Hash) (Photo, error) {
	list, err := read(q, `WHERE r.hash = ? AND r.person = ? AND `+stands, h[:], p[:])
	if err == nil && len(list) == 0 {
		err = fault.New("photo.unknown")
	}
	if err != nil {
		return Photo{}, err
	}
	return list[0], nil
}

// Lacking lists pictures that are on record and not here, but for those of people whom
// erased knows: the newest first, which are looked at next.
func Lacking(q store.Querier, erased map[people.ID]bool, most int) ([]Photo, error) {
	list, err := read(q, `WHERE NOT EXISTS (SELECT 1 FROM local_photo b WHERE b.hash = r.hash) AND `+stands+` ORDER BY r.at DESC, r.hash LIMIT ?`, most)
	return slices.DeleteFunc(list, func(x Photo) bool { return erased[x.Person] }), err
}

func read(q store.Querier, where string, args ...any) (list []Photo, err error) {
	err = store.EachRow(q, func(r *sql.Rows) error {
		var x Photo
		var hash, person []byte
		err := r.Scan(&hash, &person, &x.Of, &x.Size, &x.key, &x.At, &x.By, &x.Here)
		if err == nil {
			x.Hash, x.Person = Hash(hash), people.ID(person)
			list = append(list, x)
		}
		return err
	}, `SELECT `+columns+` FROM photo_row r `+where, args...)
	return list, err
}

// Unwanted lists the pictures here that were taken down, that no record names, or that
// are of people whom erased knows, whose keys are gone.
func Unwanted(q store.Querier, erased map[people.ID]bool) (list []Hash, err error) {
	err = store.EachRow(q, func(r *sql.Rows) error {
		var hash, person []byte
		err := r.Scan(&hash, &person)
		if len(person) == 0 || erased[people.ID(person)] {
			list = append(list, Hash(hash))
		}
		return err
	}, `SELECT b.hash, coalesce(r.person, x'') FROM local_photo b LEFT JOIN photo_row r ON r.hash = b.hash AND `+stands)
	return list, err
}

// Drop forgets pictures that are here.
func Drop(tx *store.Tx, list []Hash) error {
	for _, h := range list {
		if _, err := tx.Exec(`DELETE FROM local_photo WHERE hash = ?`, h[:]); err != nil {
			return err
		}
	}
	return nil
}

// Name, Version, Schema, Wants and Apply make Album a store.Projector.
func (a *Album) Name() string { return kind }

// Version is raised when rows change their meaning.
func (a *Album) Version() int { return 1 }

// Forget implements store.Forgetter: what is missing has to be looked for again.
func (a *Album) Forget(*store.Tx) { a.Look() }

// Schema is schema.sql.
func (a *Album) Schema() string { return schema }

// Wants says whether doc holds people.
func (a *Album) Wants(doc store.DocID) bool {
	_, path, _ := strings.Cut(string(doc), "/")
	return strings.HasPrefix(path, "people/")
}

// Apply brings the rows up to date with one change. As nothing is written over
// anything, its operations are all that is to be looked at. Two records under one key
// can only come of two devices that wrote the same hash: any rule that is the same
// everywhere will do.
func (a *Album) Apply(tx *store.Tx, ev store.Event) error {
	for _, op := range ev.Change.Ops {
		p, h, field, ok := parseKey(op.Key)
		if !ok || !strings.HasPrefix(op.Key, kind+"/") {
			continue
		}
		a.Look()
		switch field {
		case made:
			v, err := coded.Read([]byte(op.Value.Raw), format, madeValue.whole)
			if err != nil {
				continue // of a newer program: nothing that this one could show
			}
			_, err = tx.Exec(`INSERT INTO photo_row (hash, person, of, size, key, at, by) VALUES (?, ?, ?, ?, ?, ?, ?)
				ON CONFLICT DO UPDATE SET of = excluded.of, size = excluded.size, key = excluded.key, at = excluded.at, by = excluded.by
				WHERE (excluded.at, excluded.of, excluded.size, excluded.key, excluded.by) < (at, of, size, key, by)`,
				h[:], p[:], v.Of, v.Size, v.Key, ev.Change.Time, ev.Context.Operator)
			if err != nil {
				return err
			}
		case off:
			if _, err := coded.Read([]byte(op.Value.Raw), format, offValue.whole); errors.Is(err, coded.ErrNewer) {
				continue
			}
			if _, err := tx.Exec(`INSERT OR IGNORE INTO photo_off (hash, person) VALUES (?, ?)`, h[:], p[:]); err != nil {
				return err
			}
		}
	}
	return nil
}
