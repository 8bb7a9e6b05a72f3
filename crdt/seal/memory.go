package seal

import (
	"sync"

	"jishan/crdt/wire"
)

// maxProven bounds what is remembered: some 200 bytes each.
const maxProven = 1 << 18

// proven is one statement whose signature was checked, with the signature.
type proven struct {
	public [32]byte
	doc    string
	seq    uint64
	hash   wire.Hash
	seal   Seal
}

// remembered are the seals and certificates that this process has checked. It is
// off unless somebody asks for it.
type remembered struct {
	mu    sync.Mutex
	seen  map[proven]struct{}      // nil: off
	certs map[Certificate]struct{} // likewise
}

var memory remembered

// Remember lets [Verify] and [Certificate.Verify] check each seal and certificate
// once in this process: for a simulator whose many devices all meet the same
// ones. A running device meets each once or twice and must not use it. It returns
// a function that forgets all.
func Remember() (forget func()) {
	memory.set(map[proven]struct{}{}, map[Certificate]struct{}{})
	return func() { memory.set(nil, nil) }
}

func (m *remembered) set(seen map[proven]struct{}, certs map[Certificate]struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.seen, m.certs = seen, certs
}

func (m *remembered) holdsCertificate(c Certificate) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, ok := m.certs[c]
	return ok
}

func (m *remembered) addCertificate(c Certificate) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.certs == nil {
		return
	}
	if len(m.certs) >= maxProven {
		clear(m.certs)
	}
	m.certs[c] = struct{}{}
}

func (m *remembered) holds(p proven) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, ok := m.seen[p]
	return ok
}

func (m *remembered) add(p proven) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen == nil {
		return
	}
	if len(m.seen) >= maxProven {
		clear(m.seen)
	}
	m.seen[p] = struct{}{}
}
