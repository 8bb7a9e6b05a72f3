package p2p

import (
	"slices"
	"sync"

	ma "github.com/multiformats/go-multiaddr"
)

// book holds the addresses that the caller named for each device, the newest
// first. Only these are ever dialled.
type book struct {
	mu    sync.Mutex
	addrs map[[32]byte][]ma.Multiaddr
}

// add puts addresses to the front; the oldest fall out beyond MaxAddrs.
func (b *book) add(pub [32]byte, addrs []ma.Multiaddr) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	old, known := b.addrs[pub]
	if !known && len(b.addrs) >= MaxPeers {
		return ErrTooMany
	}
	list := slices.Clone(addrs)
	for _, m := range old {
		if !slices.ContainsFunc(list, m.Equal) {
			list = append(list, m)
		}
	}
	b.addrs[pub] = list[:min(len(list), MaxAddrs)]
	return nil
}

func (b *book) get(pub [32]byte) []ma.Multiaddr {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.addrs[pub])
}

func (b *book) has(pub [32]byte, m ma.Multiaddr) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.ContainsFunc(b.addrs[pub], m.Equal)
}

func (b *book) forget(pub [32]byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.addrs, pub)
}

// bookOnly remembers addresses without keeping a link to the device.
func (h *Host) bookOnly(pub [32]byte, addrs []string) error {
	var list []ma.Multiaddr
	for _, s := range addrs {
		m, err := parseAddr(s)
		if err != nil {
			return err
		}
		list = append(list, m)
	}
	if len(list) == 0 {
		return ErrNoAddress
	}
	return h.book.add(pub, list)
}
