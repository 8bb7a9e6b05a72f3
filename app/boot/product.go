package boot

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/url"
	"os"
	"time"

	"jishan/app/guest"
	"jishan/app/node"
	"jishan/app/web"
)

// running is a device as the shells know it.
type running struct{ *guest.Device }

// File implements web.Product.
func (r running) File(ctx context.Context, name string, q url.Values) (*web.File, error) {
	f, err := r.Device.File(ctx, name, q)
	if err != nil {
		return nil, err
	}
	return &web.File{Name: f.Name, Type: f.Type, Body: f.Body}, nil
}

// openProduct starts the device in all its communities.
func openProduct(ctx context.Context, o setup, dir string, log *slog.Logger) (product, error) {
	d, err := guest.Open(ctx, nodeConfig(o, dir, log))
	if err != nil {
		return nil, err
	}
	return running{d}, nil
}

func nodeConfig(o setup, dir string, log *slog.Logger) node.Config {
	return node.Config{
		Data: dir, P2P: o.listen(), LAN: o.lan, Log: log, Version: Version, Window: o.window,
		Clock: time.Now, Rand: rand.Reader, Demo: os.Getenv("JISHAN_DEMO") == "1",
	}
}

// listen is where the node listens; nil is nowhere. The usual port may be
// another device's on the same machine (the demo's, a second folder's): then
// any free one does.
func (o setup) listen() []string {
	switch {
	case o.p2p == off:
		return nil
	case !o.p2pAsked && !(free("tcp", o.p2p) && free("udp", o.p2p)):
		return []string{":0"}
	}
	return []string{o.p2p}
}
