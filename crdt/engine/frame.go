package engine

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"iter"

	"jishan/crdt/wire"
)

// What parent and child say to each other: frames of a kind byte, a length of
// four bytes and the data. The question is in the child's arguments.
const (
	frameChunk    = 'c' // one change
	framePart     = 'p' // a part of a file
	frameHead     = 'h' // one head
	frameCount    = 'n' // the number of changes
	frameRegister = 'r' // one key and its values
	frameRefused  = '!' // why the document is refused; the answer's end
	frameEnd      = '.' // the end of a question, or of an answer
)

const (
	askVerify = "verify"
	askExport = "export"
	askImport = "import"
)

// maxFrame bounds a frame in bytes: a register whose every concurrent writer
// left the greatest value that fits one chunk would need more, but no honest
// document has one.
const maxFrame = 16 << 20

// partSize is the size of a file's parts in bytes.
const partSize = 1 << 20

const frameHeader = 5

var errProtocol = errors.New("engine: parent and child do not understand each other")

type frame struct {
	kind byte
	data []byte
}

func writeFrame(w io.Writer, f frame) error {
	if len(f.data) > maxFrame {
		return ErrTooLarge
	}
	var head [frameHeader]byte
	head[0] = f.kind
	binary.BigEndian.PutUint32(head[1:], uint32(len(f.data)))
	if _, err := w.Write(head[:]); err != nil {
		return err
	}
	_, err := w.Write(f.data)
	return err
}

func readFrame(r io.Reader) (frame, error) {
	var head [frameHeader]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return frame{}, err
	}
	n := binary.BigEndian.Uint32(head[1:])
	if n > maxFrame {
		return frame{}, errProtocol
	}
	f := frame{kind: head[0], data: make([]byte, n)}
	_, err := io.ReadFull(r, f.data)
	return f, err
}

func chunkFrames(chunks iter.Seq[wire.Chunk]) iter.Seq[frame] {
	return func(yield func(frame) bool) {
		for chunk := range chunks {
			if !yield(frame{frameChunk, chunk}) {
				return
			}
		}
	}
}

func partFrames(file []byte) iter.Seq[frame] {
	return func(yield func(frame) bool) {
		for len(file) > 0 {
			n := min(partSize, len(file))
			if !yield(frame{framePart, file[:n]}) {
				return
			}
			file = file[n:]
		}
	}
}

// registerFrame writes a key and its values: counter, actor, kind, number and
// bytes of each.
func registerFrame(key string, held []Held) frame {
	b := appendText(nil, key)
	for _, h := range held {
		b = binary.AppendUvarint(b, h.ID.Counter)
		b = append(b, h.ID.Actor[:]...)
		b = append(b, byte(h.Value.Kind))
		b = binary.AppendVarint(b, h.Value.Num)
		b = appendText(b, h.Value.Raw)
	}
	return frame{frameRegister, b}
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// parseRegister is the reverse of registerFrame.
func parseRegister(data []byte) (key string, held []Held, err error) {
	r := bytes.NewReader(data)
	key, err = readText(r)
	for err == nil && r.Len() > 0 {
		var h Held
		if h, err = readHeld(r); err == nil {
			held = append(held, h)
		}
	}
	if err != nil || len(held) == 0 {
		return "", nil, errProtocol
	}
	return key, held, nil
}

func readHeld(r *bytes.Reader) (h Held, err error) {
	if h.ID.Counter, err = binary.ReadUvarint(r); err != nil {
		return h, err
	}
	if _, err = io.ReadFull(r, h.ID.Actor[:]); err != nil {
		return h, err
	}
	kind, err := r.ReadByte()
	if err != nil {
		return h, err
	}
	h.Value.Kind = wire.Kind(kind)
	if h.Value.Num, err = binary.ReadVarint(r); err != nil {
		return h, err
	}
	h.Value.Raw, err = readText(r)
	return h, err
}

func readText(r *bytes.Reader) (string, error) {
	n, err := binary.ReadUvarint(r)
	if err != nil || n > uint64(r.Len()) {
		return "", errProtocol
	}
	b := make([]byte, n)
	_, err = io.ReadFull(r, b)
	return string(b), err
}

// add takes one frame of the answer to askVerify.
func (v *Verdict) add(f frame) error {
	switch {
	case f.kind == frameHead && len(f.data) == len(wire.Hash{}):
		v.Heads = append(v.Heads, wire.Hash(f.data))
	case f.kind == frameCount && len(f.data) == 8:
		v.Changes = int(binary.BigEndian.Uint64(f.data))
	case f.kind == frameRegister:
		key, held, err := parseRegister(f.data)
		if err != nil {
			return err
		}
		v.Registers[key] = held
	default:
		return errProtocol
	}
	return nil
}
