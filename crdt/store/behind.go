package store

// Writing behind: rows that nobody asks for at once are written by a second
// goroutine, while the one that owns the transaction judges the next change.
// Every other statement of the connection waits for them first, the COMMIT
// too: what a transaction reads and what it commits is the same as without.

const (
	// behindPiece statements go to the goroutine together; a transaction with
	// fewer never starts one.
	behindPiece = 24
	// behindPieces may wait for it: a few hundred rows of a few hundred bytes.
	behindPieces = 8
)

// late is one statement that waits.
type late struct {
	query string
	args  []any
}

// behind is what a connection has yet to run.
type behind struct {
	piece []late
	work  chan []late   // nil: no goroutine
	done  chan struct{} // closed when it has run everything
	err   error         // the first failure; the transaction must be undone
}

// later runs a statement without rows, perhaps only before the next statement.
// Its error is that statement's, and the COMMIT's. The arguments must not be
// changed any more.
func (c *conn) later(query string, args ...any) {
	b := &c.behind
	if b.piece = append(b.piece, late{query, args}); len(b.piece) < behindPiece {
		return
	}
	if b.work == nil {
		b.work, b.done = make(chan []late, behindPieces), make(chan struct{})
		go c.runBehind(b.work, b.done)
	}
	b.work <- b.piece
	b.piece = make([]late, 0, behindPiece)
}

func (c *conn) runBehind(work <-chan []late, done chan<- struct{}) {
	defer close(done)
	for piece := range work {
		c.runLate(piece)
	}
}

// runLate runs statements in their order, none after a failure.
func (c *conn) runLate(piece []late) {
	for _, l := range piece {
		if c.behind.err != nil {
			return
		}
		_, c.behind.err = c.exec(l.query, l.args...)
	}
}

// catchUp waits until nothing is left to write. After an error nothing more
// is written until the transaction ends.
func (c *conn) catchUp() error {
	b := &c.behind
	if b.work != nil {
		close(b.work)
		<-b.done
		b.work = nil
	}
	piece := b.piece
	b.piece = b.piece[:0]
	c.runLate(piece)
	return b.err
}

// abandon forgets what was not written, for a transaction that is undone.
func (c *conn) abandon() {
	c.behind.piece = nil
	_ = c.catchUp() // the caller knows already why it undoes
	c.behind = behind{}
}
