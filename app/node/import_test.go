package node

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// A device that is stopped in the middle of an import has nobody of it after its
// next start, and everybody once after the next import.
func TestImportAcrossARestart(t *testing.T) {
	d := found(t)
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	var text strings.Builder
	text.WriteString("姓名\t电话\n")
	const rows = 130
	for i := range rows {
		fmt.Fprintf(&text, "居民%s\t138%08d\n", string(rune('一'+i)), i)
	}
	count := func() int64 {
		return number(d.must("people.list", object{"offset": 0, "limit": 1, "q": "", "grid": "", "sort": "name", "desc": false})["total"])
	}
	preview := func() string {
		v := d.must("people.rosterPreview", object{"text": text.String(), "file": ""})
		if number(v["bad"]) != 0 {
			t.Fatal(v["bad"], "bad rows")
		}
		return v["token"].(string)
	}
	c, err := d.here()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cut := context.WithCancel(t.Context())
	after := 1 + r.IntN(2) // batches of 50
	got, err := c.people.Import(ctx, "甲", preview(), func(int, int) {
		if after--; after == 0 {
			cut()
		}
	})
	cut()
	if err == nil || got.Count == 0 {
		t.Fatalf("it did not break off: %+v", got)
	}
	d.stop()
	d = start(t, d.dir)
	eventually(t, "nobody of the import is here", func() bool { return count() == 0 })
	d.must("people.rosterImport", object{"token": preview()})
	if n := count(); n != rows {
		t.Errorf("%v of %d", n, rows)
	}
	if v := d.must("people.rosterPreview", object{"text": text.String(), "file": ""}); number(v["doubles"]) != rows {
		t.Error("not all are known:", v["doubles"])
	}
}
