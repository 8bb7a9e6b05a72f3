package node

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"sync"

	"jishan/app/fault"
)

// upload is a bundle that a screen sends in pieces, since neither a request nor
// the window's bridge carries a large file at once. There is one at a time: who
// begins another gives up the one before.
type upload struct {
	mu   sync.Mutex
	name string
	file *scratch // nil: none is under way
	size int64
}

type importRequest struct {
	Upload string `json:"upload"` // what the piece before was answered; "" for the first
	File   string `json:"file"`   // base64, at most maxUpload
	More   bool   `json:"more"`   // other pieces follow
}

type importReply struct {
	Upload   string `json:"upload"` // for the next piece; "" when the bundle was taken in
	Received int    `json:"received"`
	From     string `json:"from"`
}

func (c *community) importBundle(ctx context.Context, r importRequest) (importReply, error) {
	b, err := fileRequest{r.File}.bytes()
	if err != nil {
		return importReply{}, err
	}
	if r.Upload == "" && !r.More {
		n, from, err := c.readBundle(ctx, bytes.NewReader(b))
		return importReply{Received: n, From: from}, err
	}
	name, err := c.upload.add(c, r.Upload, b)
	if err != nil || r.More {
		return importReply{Upload: name}, err
	}
	f, err := c.upload.take(name)
	if err != nil {
		return importReply{}, err
	}
	defer f.Close()
	n, from, err := c.readScratch(ctx, *f)
	return importReply{Received: n, From: from}, err
}

// add appends a piece; a first one begins. Faults: bundle.lost, bundle.large,
// bundle.space.
func (u *upload) add(c *community, name string, piece []byte) (string, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if name == "" {
		if err := u.begin(c); err != nil {
			return "", err
		}
	} else if u.file == nil || name != u.name {
		return "", fault.New("bundle.lost")
	}
	_, err := u.file.Write(piece)
	if u.size += int64(len(piece)); err == nil && u.size > maxBundle {
		err = fault.New("bundle.large", "limit", maxBundle)
	}
	if err != nil {
		return "", errors.Join(spaceFault(err), u.drop())
	}
	return u.name, nil
}

func (u *upload) begin(c *community) error {
	if err := u.drop(); err != nil {
		return err
	}
	var b [16]byte
	if _, err := io.ReadFull(c.node.cfg.Rand, b[:]); err != nil {
		return err
	}
	f, err := c.scratch()
	if err != nil {
		return err
	}
	u.name, u.file, u.size = hex.EncodeToString(b[:]), &f, 0
	return nil
}

// take hands the whole file to the caller, who closes it.
func (u *upload) take(name string) (*scratch, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.file == nil || name != u.name {
		return nil, fault.New("bundle.lost")
	}
	f := u.file
	u.file = nil
	return f, nil
}

// close gives up what is under way.
func (u *upload) close() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.drop()
}

func (u *upload) drop() error {
	if u.file == nil {
		return nil
	}
	f := u.file
	u.file = nil
	return f.Close()
}

// Import takes in a bundle from a file, as devices.import does from a screen, and
// tells how many changes it brought and whose it was.
func (n *Node) Import(ctx context.Context, r io.Reader) (received int, from string, err error) {
	if err := n.admits("devices.import"); err != nil {
		return 0, "", n.told(err)
	}
	c, err := n.here()
	if err == nil {
		received, from, err = c.readBundle(ctx, r)
	}
	return received, from, n.told(err)
}
