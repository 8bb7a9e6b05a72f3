//go:build cgo && !android && !ios && (linux || darwin) && (amd64 || arm64)

package engine

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"syscall"

	"github.com/automerge/automerge-go"

	"jishan/crdt/wire"
)

// available says whether this build has the library.
const available = true

// limitMemory bounds what the process may allocate, so that a document that
// unfolds without end ends the child alone; and it leaves no core dump of other
// people's data. macOS knows the limit but does not enforce it.
func limitMemory(bytes uint64) error {
	if err := limit(syscall.RLIMIT_CORE, 0); err != nil {
		return err
	}
	return limit(syscall.RLIMIT_DATA, bytes)
}

// limit lowers a limit; it never tries to raise one.
func limit(what int, n uint64) error {
	var r syscall.Rlimit
	if err := syscall.Getrlimit(what, &r); err != nil {
		return err
	}
	r.Cur = min(r.Max, n)
	r.Max = r.Cur
	return syscall.Setrlimit(what, &r)
}

// answer does in the child what the parent asks for. Its errors are the
// library's verdict, unless q has one.
func answer(question string, q *query, reply func(frame) error) error {
	switch question {
	case askVerify:
		return verify(q, reply)
	case askExport:
		return export(q, reply)
	case askImport:
		return importFile(q, reply)
	}
	return errProtocol
}

// load reads the changes and has the library load them in one go: applying
// them one by one, or as a list, takes quadratic time.
func load(q *query) (*automerge.Doc, int, error) {
	var file []byte
	n := 0
	for chunk := range q.frames(frameChunk) {
		file = append(file, chunk...)
		n++
	}
	if q.err != nil {
		return nil, 0, q.err
	}
	doc := automerge.New()
	if n == 0 {
		return doc, 0, nil
	}
	if err := doc.LoadIncremental(file); err != nil {
		return nil, 0, err
	}
	// The library silently sets aside what it can't use.
	changes, err := doc.Changes()
	if err != nil {
		return nil, 0, err
	}
	if len(changes) != n {
		return nil, 0, fmt.Errorf("only %d of %d changes were taken: one is damaged, or comes twice, or lacks a dependency", len(changes), n)
	}
	return doc, n, nil
}

// save returns the compact form, after loading it again: some wrong documents
// save well and never load.
func save(doc *automerge.Doc) ([]byte, error) {
	file := doc.Save()
	again, err := automerge.Load(file)
	if err != nil {
		return nil, fmt.Errorf("the saved document does not load: %w", err)
	}
	if !slices.Equal(heads(again), heads(doc)) {
		return nil, errors.New("the saved document has other heads")
	}
	return file, nil
}

func heads(doc *automerge.Doc) []wire.Hash {
	var list []wire.Hash
	for _, h := range doc.Heads() {
		list = append(list, wire.Hash(h))
	}
	slices.SortFunc(list, wire.Hash.Compare)
	return list
}

func export(q *query, reply func(frame) error) error {
	doc, _, err := load(q)
	if err != nil {
		return err
	}
	file, err := save(doc)
	if err != nil {
		return err
	}
	for f := range partFrames(file) {
		if err := reply(f); err != nil {
			return err
		}
	}
	return nil
}

func importFile(q *query, reply func(frame) error) error {
	var file []byte
	for part := range q.frames(framePart) {
		file = append(file, part...)
	}
	if q.err != nil {
		return q.err
	}
	doc, err := automerge.Load(file)
	if err != nil {
		return err
	}
	changes, err := doc.Changes()
	if err != nil {
		return err
	}
	for _, c := range changes {
		chunk, err := wire.Inflate(c.Save())
		if err != nil {
			return err
		}
		if err := reply(frame{frameChunk, chunk}); err != nil {
			return err
		}
	}
	return nil
}

func verify(q *query, reply func(frame) error) error {
	doc, n, err := load(q)
	if err != nil {
		return err
	}
	if _, err := save(doc); err != nil {
		return err
	}
	for _, h := range heads(doc) {
		if err := reply(frame{frameHead, h[:]}); err != nil {
			return err
		}
	}
	if err := reply(frame{frameCount, binary.BigEndian.AppendUint64(nil, uint64(n))}); err != nil {
		return err
	}
	registers, err := registersOf(doc)
	if err != nil {
		return err
	}
	for key, held := range registers {
		if err := reply(registerFrame(key, held)); err != nil {
			return err
		}
	}
	return nil
}
