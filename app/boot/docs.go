package boot

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"jishan/app/terminal"
	"jishan/crdt/engine"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// reading is a data folder at rest, opened to be looked at.
type reading struct {
	folder *folder
	store  *store.Store
}

func openReading(ctx context.Context, dir string) (*reading, error) {
	f, err := oldFolder(dir)
	if err != nil {
		return nil, err
	}
	st, err := store.OpenReading(ctx, filepath.Join(f.dir, databaseFile))
	if err != nil {
		return nil, errors.Join(err, f.close())
	}
	return &reading{f, st}, nil
}

func (r *reading) close() error { return errors.Join(r.store.Close(), r.folder.close()) }

func runDoc(ctx context.Context, s streams, args []string) int {
	verbs := map[string]func(context.Context, streams, []string) int{
		"list": docList, "show": docShow, "export": docExport, "verify": docVerify, "proof": docProof,
	}
	if len(args) > 0 {
		if run := verbs[args[0]]; run != nil {
			return run(ctx, s, args[1:])
		}
	}
	return newFlags(s, "doc").withData().noVerb(args)
}

// noVerb answers a command that needs a second word.
func (f *flags) noVerb(args []string) int {
	if _, code := f.parse(args, 0, 1); code >= 0 {
		return code
	}
	f.Usage()
	return exitUsage
}

// within runs fn on a data folder at rest.
func (f *flags) within(ctx context.Context, fn func(*reading) int) int {
	r, err := openReading(ctx, *f.data)
	if err != nil {
		return f.failed(err)
	}
	code := fn(r)
	if err := r.close(); err != nil {
		return f.failed(err)
	}
	return code
}

type docLine struct {
	ID      string `json:"id"`
	Digest  string `json:"digest"`
	Changes uint64 `json:"changes"`
}

func docList(ctx context.Context, s streams, args []string) int {
	f := newFlags(s, "doc list").withData()
	if _, code := f.parse(args, 0, 0); code >= 0 {
		return code
	}
	return f.within(ctx, func(r *reading) int {
		docs, err := r.store.Docs(ctx)
		if err != nil {
			return f.failed(err)
		}
		list := make([]docLine, 0, len(docs))
		for _, d := range docs {
			list = append(list, docLine{string(d.ID), hex.EncodeToString(d.Digest[:]), d.Changes})
		}
		return f.print(list, func(w io.Writer) {
			t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
			for _, d := range list {
				fmt.Fprintf(t, "%s\t%s\t%d changes\n", d.ID, d.Digest[:16], d.Changes)
			}
			t.Flush()
		})
	})
}

// shownChange is one change in words.
type shownChange struct {
	Seq      uint64    `json:"seq"`
	Actor    string    `json:"actor"`
	Hash     string    `json:"hash"`
	Time     string    `json:"time"`
	Operator string    `json:"operator"`
	Action   string    `json:"action"`
	Puts     []shownOp `json:"puts"`
}

type shownOp struct {
	Key   string `json:"key"`
	Value string `json:"value"` // "" when removed
}

func docShow(ctx context.Context, s streams, args []string) int {
	f := newFlags(s, "doc show").withData()
	rest, code := f.parse(args, 1, 1)
	if code >= 0 {
		return code
	}
	return f.within(ctx, func(r *reading) int {
		list := []shownChange{}
		err := r.each(ctx, rest[0], func(c store.Stored) error {
			line, err := shown(store.DocID(rest[0]), c)
			list = append(list, line)
			return err
		})
		if err != nil {
			return f.failed(err)
		}
		return f.print(list, func(w io.Writer) {
			for _, c := range list {
				fmt.Fprintf(w, "%s  %s %d  %s: %s\n", c.Time, c.Actor[:8], c.Seq, oneLine(c.Operator), oneLine(c.Action))
				for _, p := range c.Puts {
					fmt.Fprintf(w, "    %s = %s\n", oneLine(p.Key), oneLine(p.Value))
				}
			}
		})
	})
}

func shown(doc store.DocID, c store.Stored) (shownChange, error) {
	ch, h, err := wire.Decode(c.Chunk)
	if err != nil {
		return shownChange{}, err
	}
	from, err := seal.ParseContext(ch.Message)
	if err != nil {
		return shownChange{}, err
	}
	line := shownChange{
		Seq: ch.Seq, Actor: ch.Actor.String(), Hash: h.String(), Operator: from.Operator, Action: from.Action,
		Time: time.UnixMilli(ch.Time).UTC().Format(time.RFC3339), Puts: []shownOp{},
	}
	for _, op := range ch.Ops {
		line.Puts = append(line.Puts, shownOp{op.Key, opWords(doc, op)})
	}
	return line, nil
}

// each calls fn with every change of a document, dependencies first.
func (r *reading) each(ctx context.Context, id string, fn func(store.Stored) error) error {
	return r.store.View(ctx, func(q store.Querier) error {
		if err := known(q, store.DocID(id)); err != nil {
			return err
		}
		return store.Each(q, store.DocID(id), func(_ wire.Actor, c store.Stored) error { return fn(c) })
	})
}

func known(q store.Querier, id store.DocID) error {
	sum, err := store.Digest(q, id)
	if err == nil && sum == [32]byte{} {
		err = fmt.Errorf("there is no document %q here; `jishan doc list` names them", terminal.Line(string(id)))
	}
	return err
}

// errStop ends a walk early.
var errStop = errors.New("stop")

// chunks gives a document's changes to the judge; *failed gets what went wrong
// in the database meanwhile.
func chunks(q store.Querier, id store.DocID, failed *error) iter.Seq[wire.Chunk] {
	return func(yield func(wire.Chunk) bool) {
		err := store.EachPlain(q, id, func(c wire.Chunk) error {
			if !yield(c) {
				return errStop
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStop) {
			*failed = err
		}
	}
}

func docExport(ctx context.Context, s streams, args []string) int {
	f := newFlags(s, "doc export").withData()
	to := f.String("out", "", "file to write (default: standard output)")
	rest, code := f.parse(args, 1, 1)
	if code >= 0 {
		return code
	}
	if *to == "" && onTerminal(s.out) {
		fmt.Fprintln(s.err, "jishan doc export: the file is no text for a terminal; redirect it or use --out FILE")
		return exitUsage
	}
	return f.within(ctx, func(r *reading) int {
		file, err := r.export(ctx, store.DocID(rest[0]))
		if err != nil {
			return f.failed(err)
		}
		if *to != "" {
			err = writeWhole(*to, file)
		} else {
			_, _ = s.out.Write(file) // Run says what becomes of it
		}
		if err != nil {
			return f.failed(err)
		}
		return exitOK
	})
}

func (r *reading) export(ctx context.Context, id store.DocID) (file []byte, err error) {
	err = r.store.View(ctx, func(q store.Querier) error {
		if err := known(q, id); err != nil {
			return err
		}
		var failed error
		file, err = engine.New(engine.Options{}).Export(ctx, chunks(q, id, &failed))
		return errors.Join(failed, err)
	})
	return file, err
}

// onTerminal reports whether somebody would see the bytes.
func onTerminal(w io.Writer) bool {
	if o, ok := w.(*terminal.Out); ok {
		w = o.W
	}
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	i, err := f.Stat()
	return err == nil && i.Mode()&os.ModeCharDevice != 0 && f.Name() != os.DevNull
}

type verdict struct {
	ID      string `json:"id"`
	OK      bool   `json:"ok"`
	Changes int    `json:"changes"`
	Keys    int    `json:"keys"`
	Problem string `json:"problem,omitempty"`
}

func docVerify(ctx context.Context, s streams, args []string) int {
	f := newFlags(s, "doc verify").withData()
	rest, code := f.parse(args, 0, 1)
	if code >= 0 {
		return code
	}
	if !engine.Available() {
		return f.failed(engine.ErrUnavailable)
	}
	return f.within(ctx, func(r *reading) int {
		docs, err := r.store.Docs(ctx)
		if err != nil {
			return f.failed(err)
		}
		list, bad := []verdict{}, 0
		for _, d := range docs {
			if len(rest) == 1 && rest[0] != string(d.ID) {
				continue
			}
			v := r.verify(ctx, d)
			if list = append(list, v); !v.OK {
				bad++
			}
			if err := ctx.Err(); err != nil {
				return f.failed(err)
			}
		}
		if len(rest) == 1 && len(list) == 0 {
			return f.failed(fmt.Errorf("there is no document %q here; `jishan doc list` names them", rest[0]))
		}
		f.print(list, func(w io.Writer) { printVerdicts(w, list) })
		if bad > 0 {
			return exitFailed
		}
		return exitOK
	})
}

func printVerdicts(w io.Writer, list []verdict) {
	bad := 0
	for _, v := range list {
		if !v.OK {
			bad++
			fmt.Fprintf(w, "WRONG  %s: %s\n", v.ID, v.Problem)
		} else {
			fmt.Fprintf(w, "right  %s: %d changes, %d keys\n", v.ID, v.Changes, v.Keys)
		}
	}
	fmt.Fprintf(w, "%d documents, %d wrong\n", len(list), bad)
}

// verify has automerge-go load a document and compares what it sees with what
// this program keeps.
func (r *reading) verify(ctx context.Context, d store.DocInfo) verdict {
	v := verdict{ID: string(d.ID)}
	err := r.store.View(ctx, func(q store.Querier) error {
		var failed error
		said, err := engine.New(engine.Options{}).Verify(ctx, chunks(q, d.ID, &failed))
		if err = errors.Join(failed, err); err != nil {
			return err
		}
		ours, err := content(q, d)
		if err != nil {
			return err
		}
		v.Changes, v.Keys = said.Changes, len(said.Registers)
		return ours.compare(said)
	})
	if v.OK = err == nil; err != nil {
		v.Problem = firstLine(sentence(err))
	}
	return v
}

// kept is what this program holds of a document.
type kept struct {
	heads     []wire.Hash
	changes   int
	registers map[string][]engine.Held
}

// content reads a document's heads from its changes, its values from the
// registers; a feed keeps none, its values are those of its changes.
func content(q store.Querier, d store.DocInfo) (kept, error) {
	k := kept{registers: map[string][]engine.Held{}}
	open := map[wire.Hash]bool{}
	err := store.EachPlain(q, d.ID, func(c wire.Chunk) error {
		ch, h, err := wire.Decode(c)
		if err != nil {
			return err
		}
		k.changes++
		open[h] = true
		for _, dep := range ch.Deps {
			delete(open, dep)
		}
		if d.Shape == store.Feed {
			for i, op := range ch.Ops {
				k.registers[op.Key] = []engine.Held{{ID: wire.OpID{Counter: ch.StartOp + uint64(i), Actor: ch.Actor}, Value: op.Value}}
			}
		}
		return nil
	})
	for h := range open {
		k.heads = append(k.heads, h)
	}
	slices.SortFunc(k.heads, wire.Hash.Compare)
	if err != nil || d.Shape == store.Feed {
		return k, err
	}
	list, err := store.PlainRegisters(q, d.ID)
	for _, r := range list {
		for _, f := range r.Fields {
			k.registers[r.Key] = append(k.registers[r.Key], engine.Held{ID: f.Op, Value: f.Value})
		}
	}
	return k, err
}

func (k kept) compare(said engine.Verdict) error {
	switch {
	case k.changes != said.Changes:
		return fmt.Errorf("%d changes here, Automerge counts %d", k.changes, said.Changes)
	case !slices.Equal(k.heads, said.Heads):
		return fmt.Errorf("%d heads here, Automerge sees %d others", len(k.heads), len(said.Heads))
	case len(k.registers) != len(said.Registers):
		return fmt.Errorf("%d keys here, Automerge sees %d", len(k.registers), len(said.Registers))
	}
	for key, held := range k.registers {
		if !slices.Equal(held, said.Registers[key]) {
			return fmt.Errorf("key %q: %d values here, %d in Automerge, and they differ", key, len(held), len(said.Registers[key]))
		}
	}
	return nil
}
