package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func good() result {
	return result{Equal: true, Minted: 30, Held: 10, InFlight: 1, Stranded: 2, Consumed: 12, Burned: 5, Confirmed: places}
}

func TestWhatIsWrongIsNamed(t *testing.T) {
	if w := good().wrong(places); w != nil {
		t.Fatal("a good day:", w)
	}
	for says, spoil := range map[string]func(*result){
		"different documents": func(r *result) { r.Equal = false },
		"below zero":          func(r *result) { r.Negative = 1 },
		"commands are missing": func(r *result) {
			r.Lost = 2
		},
		"spent twice":             func(r *result) { r.Loss, r.Minted = 1, 29 },
		"has not seen":            func(r *result) { r.Unseen, r.Minted = 1, 29 },
		"12 people are confirmed": func(r *result) { r.Confirmed = 12 },
		"sums of points":          func(r *result) { r.Held++ },
	} {
		r := good()
		spoil(&r)
		if w := r.wrong(places); w == nil || w.Code != "demo.result" || !strings.Contains(w.Words, says) || strings.Contains(w.Words, ";") {
			t.Errorf("%s: %+v", says, w)
		}
	}
	if w := good().wrong(places + 1); w == nil || !strings.Contains(w.Words, "14 people were confirmed at one time") {
		t.Error(w)
	}
}

func TestWhyThePlayEnded(t *testing.T) {
	w := ended(fmt.Errorf("busy hours: %w", &refusal{Call: "office till.redeem", Code: "data.full"}))
	if w.Code != "data.full" || !strings.Contains(w.Words, "busy hours: office till.redeem: data.full") {
		t.Errorf("%+v", w)
	}
	if w := ended(errors.New("station did not answer")); w.Code != "demo.ended" {
		t.Errorf("%+v", w)
	}
}

// A demo that can't begin prints its line all the same, with the reason there
// and on standard error.
func TestADemoThatCannotBegin(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "office"), 0o700); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	code := Run(context.Background(), []string{"--headless", "--json", "--keep", dir}, &out, &errs)
	var r struct {
		OK      bool
		Why     struct{ Code, Words string }
		Devices []device
	}
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err, out.String())
	}
	if code != 1 || r.OK || r.Why.Code != "demo.ended" || !strings.Contains(r.Why.Words, "empty folder") || r.Devices == nil || !strings.Contains(errs.String(), r.Why.Words) {
		t.Errorf("exit %d: %s%s", code, out.String(), errs.String())
	}
}
