//go:build cgo && !android && !ios && (linux || darwin) && (amd64 || arm64)

package engine_test

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"github.com/automerge/automerge-go"

	"jishan/crdt/wire"
	"jishan/crdt/wire/wiretest"
)

var jsHistories = flag.Int("jshistories", 200, "random histories against the JavaScript Automerge")

type jsOp struct {
	Key   string `json:"key"`
	Type  string `json:"type,omitempty"`
	Value string `json:"value"`
}

type jsEdit struct {
	Time    int64  `json:"time"`
	Message string `json:"message"`
	Ops     []jsOp `json:"ops"`
}

type jsRequest struct {
	Chunks []string `json:"chunks"`
	File   string   `json:"file"`
	Actor  string   `json:"actor"`
	Edits  []jsEdit `json:"edits"`
}

type jsReply struct {
	Heads     []string               `json:"heads"`
	Registers map[string][][3]string `json:"registers"`
	FileHeads []string               `json:"fileHeads"`
	Made      []string               `json:"made"`
	After     map[string][][3]string `json:"after"`
	Saved     string                 `json:"saved"`
}

// oracle is a Node process with the JavaScript Automerge.
type oracle struct {
	in  io.WriteCloser
	out *bufio.Reader
}

func startOracle(t *testing.T) *oracle {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("SKIPPED: there is no node, so the JavaScript Automerge was not asked")
	}
	if _, err := os.Stat(filepath.Join("js", "node_modules", "@automerge", "automerge")); err != nil {
		install := exec.CommandContext(t.Context(), "npm", "ci", "--no-audit", "--no-fund")
		install.Dir = "js"
		if out, err := install.CombinedOutput(); err != nil {
			t.Fatalf("npm ci failed, so the JavaScript Automerge was not asked: %v\n%s", err, out)
		}
	}
	cmd := exec.Command(node, "oracle.js")
	cmd.Dir, cmd.Stderr = "js", os.Stderr
	o := &oracle{}
	if o.in, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	o.out = bufio.NewReader(out)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		o.in.Close()
		if err := cmd.Wait(); err != nil && !t.Failed() {
			t.Error(err)
		}
	})
	return o
}

func (o *oracle) ask(req jsRequest) (reply jsReply, err error) {
	if err := json.NewEncoder(o.in).Encode(req); err != nil {
		return reply, err
	}
	line, err := o.out.ReadBytes('\n')
	if err != nil {
		return reply, err
	}
	return reply, json.Unmarshal(line, &reply)
}

// The JavaScript Automerge agrees on heads, values and whole conflict sets; it
// reads our changes and automerge-go's files; and what it writes are the bytes
// that we write, or at least changes that come to the same here.
func TestHistoriesAgainstJavaScript(t *testing.T) {
	o, first, conflicts, made := startOracle(t), firstSeed(t), 0, 0
	for i := range uint64(*jsHistories) {
		rnd := rand.New(rand.NewPCG(first+i, 2))
		h := wiretest.Random(rnd, wiretest.Small)
		h.Meet()
		want := h.Replicas[0]
		future, err := futureOf(rnd, want)
		if err == nil {
			err = o.agrees(want, future)
		}
		if err != nil {
			t.Fatalf("seed %d: %v", first+i, err)
		}
		made += len(future.exact) + 1
		for _, held := range want.Registers {
			conflicts += min(1, len(held)-1)
		}
	}
	t.Logf("%d histories, %d conflict sets, %d changes made in JavaScript", *jsHistories, conflicts, made)
	if conflicts < *jsHistories/4 || made < *jsHistories*2 {
		t.Error("the histories have become too tame to prove anything")
	}
}

// future is how a new author continues a document: with some changes that must
// be the same bytes in JavaScript, and one with ops that need not.
type future struct {
	author *wiretest.Replica
	exact  []*wiretest.Entry
	free   []wire.Op
}

// futureOf plans one. Of the exact changes nothing puts a value that the key
// holds already: JavaScript then only deletes the values beside it, where we
// and automerge-go put it again.
func futureOf(rnd *rand.Rand, r *wiretest.Replica) (*future, error) {
	f := &future{author: wiretest.NewReplica(wiretest.RandomActor(rnd))}
	f.author.Pull(r)
	for range 3 {
		ops := slices.DeleteFunc(f.ops(rnd), func(op wire.Op) bool {
			return !op.Delete && slices.ContainsFunc(f.author.Registers[op.Key], func(h wiretest.Held) bool { return h.Value == op.Value })
		})
		if len(ops) == 0 {
			continue
		}
		e, err := f.author.Make(ops, rnd.Int64N(1<<42), "由浏览器")
		if err != nil {
			return nil, err
		}
		f.exact = append(f.exact, e)
	}
	f.free = append(f.ops(rnd), wire.Op{Key: "last", Value: wire.IntValue(1)})
	return f, nil
}

// ops are random ones without numbers that JavaScript can't hold exactly.
func (f *future) ops(rnd *rand.Rand) []wire.Op {
	return slices.DeleteFunc(wiretest.RandomOps(rnd, wiretest.Small, f.author.Registers), func(op wire.Op) bool {
		return op.Value.Num >= 1<<53 || op.Value.Num <= -1<<53
	})
}

func (o *oracle) agrees(want *wiretest.Replica, f *future) error {
	req := jsRequest{Actor: f.author.Actor.String(), Chunks: []string{}}
	doc := automerge.New()
	for chunk := range chunksOf(want.Entries) {
		req.Chunks = append(req.Chunks, hex.EncodeToString(chunk))
		if err := doc.LoadIncremental(chunk); err != nil {
			return err
		}
	}
	req.File = hex.EncodeToString(doc.Save())
	for _, e := range f.exact {
		req.Edits = append(req.Edits, jsEditOf(e.Change))
	}
	req.Edits = append(req.Edits, jsEditOf(&wire.Change{Time: 5, Ops: f.free}))
	reply, err := o.ask(req)
	if err != nil {
		return err
	}
	if heads := hexHeads(want.Heads); !slices.Equal(reply.Heads, heads) || !slices.Equal(reply.FileHeads, heads) {
		return fmt.Errorf("heads %v and %v, want %v", reply.Heads, reply.FileHeads, heads)
	}
	if regs := jsRegisters(want.Registers); !reflect.DeepEqual(reply.Registers, regs) {
		return fmt.Errorf("registers %v, want %v", reply.Registers, regs)
	}
	if err := f.made(reply.Made); err != nil {
		return err
	}
	if regs := jsRegisters(f.author.Registers); !reflect.DeepEqual(reply.After, regs) {
		return fmt.Errorf("registers after the edits %v, want %v", reply.After, regs)
	}
	return savedLoads(reply.Saved, f.author)
}

// made reads the changes that JavaScript made; the last one is added to the
// author's copy.
func (f *future) made(made []string) error {
	if len(made) != len(f.exact)+1 {
		return fmt.Errorf("%d changes made, want %d", len(made), len(f.exact)+1)
	}
	for i, text := range made {
		raw, err := hex.DecodeString(text)
		if err != nil {
			return err
		}
		chunk, err := wire.Inflate(raw)
		if err != nil {
			return err
		}
		c, hash, err := wire.Decode(chunk)
		switch {
		case err != nil:
			return fmt.Errorf("%w: %x", err, chunk)
		case i == len(f.exact):
			f.author.Add(&wiretest.Entry{Change: c, Chunk: chunk, Hash: hash})
		case hash != f.exact[i].Hash || !slices.Equal(chunk, f.exact[i].Chunk):
			return fmt.Errorf("change %d: made %x, want %x", i, chunk, f.exact[i].Chunk)
		}
	}
	return nil
}

// savedLoads checks that automerge-go opens what JavaScript saved.
func savedLoads(text string, author *wiretest.Replica) error {
	file, err := hex.DecodeString(text)
	if err != nil {
		return err
	}
	doc, err := automerge.Load(file)
	if err != nil {
		return err
	}
	return sameState(doc, author)
}

func jsEditOf(c *wire.Change) jsEdit {
	edit := jsEdit{Time: c.Time, Message: c.Message}
	for _, op := range c.Ops {
		js := jsOp{Key: op.Key}
		if !op.Delete {
			js.Type, js.Value = jsValue(op.Value)
		}
		edit.Ops = append(edit.Ops, js)
	}
	return edit
}

func jsRegisters(regs wiretest.Registers) map[string][][3]string {
	all := map[string][][3]string{}
	for key, held := range regs {
		for _, h := range held {
			kind, text := jsValue(h.Value)
			id := strconv.FormatUint(h.ID.Counter, 10) + "@" + h.ID.Actor.String()
			all[key] = append(all[key], [3]string{id, kind, text})
		}
	}
	return all
}

func jsValue(v wire.Value) (kind, text string) {
	switch v.Kind {
	case wire.False, wire.True:
		return "boolean", strconv.FormatBool(v.Kind == wire.True)
	case wire.Uint:
		return "uint", strconv.FormatInt(v.Num, 10)
	case wire.Int:
		return "int", strconv.FormatInt(v.Num, 10)
	case wire.String:
		return "str", v.Raw
	case wire.Bytes:
		return "bytes", hex.EncodeToString([]byte(v.Raw))
	case wire.Timestamp:
		return "timestamp", strconv.FormatInt(v.Num, 10)
	}
	return "null", "null"
}

func hexHeads(heads []wire.Hash) []string {
	var list []string
	for _, h := range heads {
		list = append(list, h.String())
	}
	return list
}
