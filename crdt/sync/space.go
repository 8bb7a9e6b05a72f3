package sync

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"

	"jishan/crdt/store"
)

// The spaces, in the order in which they are settled: those before vaultSpace
// before all others, because a change is judged by its author's certificate and
// by the governance head it names.
const (
	forkSpace = iota
	incarnationSpace
	govSpace
	vaultSpace
	docSpace
)

// setVault is the set of people's wrapped keys.
const setVault = "vault"

// spaceNames gives the set of a space; empty for those made of documents.
var spaceNames = [...]string{store.SetFork, store.SetIncarnation, "", setVault, ""}

// early spaces are settled before the others are compared.
func early(id int) bool { return id < vaultSpace }

// isGov recognises the governance documents by their path.
func isGov(doc store.DocID) bool {
	_, path, ok := strings.Cut(string(doc), "/")
	return ok && strings.HasPrefix(path, "gov/")
}

// Sizes of digests. A space's digest takes 16 bytes: nobody can make two states
// that share it. Bucket digests and prints are short; when they lie, the next
// OPEN shows that the spaces still differ, and prints are salted by both
// sides, so nobody can prepare a lie.
const (
	buckets    = 64
	openSize   = 16
	bucketSize = 5
	printSize  = 6
)

// element is one document or item of a space: where it belongs, what it is.
type element struct {
	key    [32]byte // hash of the document's id, or the item's id
	digest [32]byte
	doc    store.DocID // spaces of documents
	v      vector      // of the document
}

func (e *element) bucket() int { return int(e.key[0] >> 2) }

// snapshot is a space as it was at one moment, ascending by key.
type snapshot struct {
	elements []element
	digest   [openSize]byte
	sums     [buckets][bucketSize]byte
}

func newSnapshot(list []element) *snapshot {
	slices.SortFunc(list, func(a, b element) int { return bytes.Compare(a.key[:], b.key[:]) })
	s := &snapshot{elements: list}
	if len(list) == 0 {
		return s
	}
	all := sha256.New()
	for i := 0; i < len(list); {
		h, b := sha256.New(), list[i].bucket()
		for ; i < len(list) && list[i].bucket() == b; i++ {
			h.Write(list[i].key[:])
			h.Write(list[i].digest[:])
		}
		sum := h.Sum(nil)
		copy(s.sums[b][:], sum)
		all.Write(sum)
	}
	copy(s.digest[:], all.Sum(nil))
	return s
}

// docElements also keeps the vectors, for the next snapshot.
func (s *Session) docElements(docs []Document) []element {
	out := make([]element, len(docs))
	for i, d := range docs {
		h, ok := s.vectors[d.ID]
		if !ok || h.digest != d.Digest {
			h = held{d.Digest, vectorOf(d.Tips)}
			s.vectors[d.ID] = h
		}
		out[i] = element{key: sha256.Sum256([]byte(d.ID)), digest: d.Digest, doc: d.ID, v: h.v}
	}
	return out
}

func itemElements(items []store.Item) []element {
	out := make([]element, len(items))
	for i, it := range items {
		out[i] = element{key: it.ID, digest: itemDigest(it)}
	}
	return out
}

func itemDigest(it store.Item) [32]byte {
	h := sha256.New()
	h.Write([]byte{itemState(it)})
	h.Write(it.Blob)
	return [32]byte(h.Sum(nil))
}

// print is an element's salted short digest.
func (s *Session) print(key, digest [32]byte) uint64 {
	b := make([]byte, 0, 2*nonceSize+64)
	b = append(append(append(b, s.salt[:]...), key[:]...), digest[:]...)
	sum := sha256.Sum256(b)
	return binary.BigEndian.Uint64(sum[:]) >> (64 - 8*printSize)
}

// space is one space of a session and its current round.
type space struct {
	id  int
	set string // empty: documents

	ready bool // the first round has shown what the peer holds
	want  bool // a new round is wanted
	last  *[openSize]byte
	equal bool // outcome of the last round

	step       step
	mine       *snapshot
	sentOpen   bool
	gotOpen    bool
	flag       bool // this side has a reason to go on if the digests differ
	peerFlag   bool
	peerDigest [openSize]byte
	differ     [buckets]bool
	prints     map[uint64]struct{}      // the peer's, in differing buckets
	lists      map[store.DocID]struct{} // the peer's DOCS of this round
	sentDone   bool
	gotDone    bool

	theirs map[uint64]struct{} // sets: prints of what the peer holds
	dirty  bool                // sets: something may be owed
}

// step is how far a round has come.
type step uint8

const (
	idle     step = iota
	opened        // OPEN sent
	bucketed      // BUCKETS sent, theirs awaited
	printed       // PRINTS sent, theirs awaited
	listed        // DOCS sent, theirs awaited
	content       // ITEMS or CHANGES flow, DONE follows
)

func (sp *space) reset() {
	theirs := sp.theirs
	*sp = space{
		id: sp.id, set: sp.set, ready: sp.ready, want: sp.want, last: sp.last, equal: sp.equal,
		theirs: theirs, dirty: sp.dirty,
	}
}

// isFeed recognises the documents in which one seal may cover those before it.
func isFeed(doc store.DocID) bool {
	_, path, _ := strings.Cut(string(doc), "/")
	return strings.HasPrefix(path, "gov/") || strings.HasPrefix(path, "feed/")
}
