package govern

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sample holds every kind of entry with every field set.
var sample = []Entry{
	Genesis{Nonce: [16]byte{1}, Made: 1_780_000_000_000, Name: "柳溪社区", Parent: "迎泽街道", Recovery: [32]byte{2}, Device: [32]byte{3}, Incarnation: []byte{4}},
	Cert{Device: [32]byte{5}, Role: Station, Name: "张家庄站", Place: "p1", Scope: "community", Recipient: "age1x", NotAfter: 7,
		Caps: map[string]uint64{"exposure": 300, "issue": 2}, Keyring: []byte{8}},
	Revoke{Device: [32]byte{9}, Cuts: []Close{{Feed: [16]byte{1}, Number: 5, Hash: [32]byte{6}, Why: "lost"}},
		Marks: []Mark{{Doc: "c.1/people/00", Hash: [16]byte{7}, Seq: 3}}, Why: "lost"},
	Standby{Device: [32]byte{10}},
	Policy{Settings: []Setting{{Key: "grid/g1", Text: "第一网格"}, {Key: "bonus", Num: 10}}},
	Close{Feed: [16]byte{11}},
	Succeed{Feed: [16]byte{12}, To: [16]byte{13}, Rights: []Right{{Quota: [32]byte{14}, Amount: 15}}},
	Loss{Feed: [16]byte{16}, Quota: [32]byte{17}, Amount: 18, Why: "fork"},
	YearClose{Period: "2026"},
	YearFinal{Period: "2026", Total: 19},
	Term{Term: 2, Device: [32]byte{20}, Incarnation: []byte{21}, CutSeq: 22, CutHash: [32]byte{23}, By: ByRecovery, Sig: make([]byte, 64)},
}

func TestGoldenValue(t *testing.T) {
	raw, err := EncodeValue(sample...)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "value-1.hex", hex.EncodeToString(raw))
	back, err := DecodeValue(raw)
	if err != nil || !reflect.DeepEqual(back, sample) {
		t.Errorf("%v\n%+v\n%+v", err, back, sample)
	}
}

// people holds the entries about operators, with every field set.
var people = []Entry{
	Operator{ID: OperatorID{1}, Name: "张三", Role: Lead, NotAfter: 2, Out: true, Why: "调走"},
	OperatorKey{Operator: OperatorID{3}, Device: [32]byte{4}, Key: [32]byte{5}, Proof: make([]byte, 64), Resets: 6, Out: true},
	Approval{Signatures: []Signature{{Operator: OperatorID{7}, Key: [32]byte{8}, Sig: make([]byte, 64)}, {Operator: OperatorID{9}, Key: [32]byte{10}, Sig: make([]byte, 64)}}},
}

func TestGoldenOperators(t *testing.T) {
	raw, err := EncodeValue(people...)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "operators-1.hex", hex.EncodeToString(raw))
	back, err := DecodeValue(raw)
	if err != nil || !reflect.DeepEqual(back, people) {
		t.Errorf("%v\n%+v\n%+v", err, back, people)
	}
	o := people[0].(Operator)
	o.Role = 99
	raw = must(encMode.Marshal(value{V: 1, Entries: []cbor.RawMessage{must(encMode.Marshal(tagged{Kind: uint64(KindOperator), Body: must(encMode.Marshal(o))}))}}))
	if _, err := DecodeValue(raw); !errors.Is(err, ErrNewer) {
		t.Errorf("a role of a newer program: %v", err)
	}
}

// abroad holds the entries about other communities, with every field set.
var abroad = []Entry{
	Partner{Root: [32]byte{1}, Name: "桥东社区", Site: Site{Street: "桥东街道", District: "迎泽区", City: "太原市"}, Device: [32]byte{2}, Recipient: "age1x",
		Ours: 3, Theirs: 4, Peg: 100, Until: 5},
	Abroad{Community: [16]byte{6}, Term: 7, Seq: 8, Head: [16]byte{9}},
}

func TestGoldenPartners(t *testing.T) {
	raw, err := EncodeValue(abroad...)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "partners-1.hex", hex.EncodeToString(raw))
	back, err := DecodeValue(raw)
	if err != nil || !reflect.DeepEqual(back, abroad) {
		t.Errorf("%v\n%+v\n%+v", err, back, abroad)
	}
}

func TestGoldenGuest(t *testing.T) {
	want := []Entry{Guest{Device: [32]byte{1}, Scope: []byte{2, 3}}}
	raw, err := EncodeValue(want...)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "guest-1.hex", hex.EncodeToString(raw))
	back, err := DecodeValue(raw)
	if err != nil || !reflect.DeepEqual(back, want) {
		t.Errorf("%v\n%+v\n%+v", err, back, want)
	}
}

func TestGoldenRecoveryKey(t *testing.T) {
	golden(t, "recovery-1.txt", RecoveryKey{1, 2, 3, 31: 255}.String())
}

// golden compares with the file that this version of a format wrote first. A
// changed format gets a new version and a new file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(string(want)) != got {
		t.Errorf("%s: the format changed\n%s", name, got)
	}
}

func TestNewerValuesWait(t *testing.T) {
	for name, v := range map[string]any{
		"version":     []any{2, "anything"},
		"entry":       []any{1, []any{[]any{99, []any{"x"}}}},
		"known, role": nil,
	} {
		raw := must(encMode.Marshal(v))
		if name == "known, role" {
			c := sample[1].(Cert)
			c.Role = 9
			raw = must(encMode.Marshal(value{V: 1, Entries: []cbor.RawMessage{must(encMode.Marshal(tagged{Kind: 2, Body: must(encMode.Marshal(c))}))}}))
		}
		if _, err := DecodeValue(raw); !errors.Is(err, ErrNewer) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDecodeIsStrict(t *testing.T) {
	raw := must(EncodeValue(sample[8]))
	loose := bytes.Replace(raw, []byte{0x82, 0x01, 0x81}, []byte{0x82, 0x18, 0x01, 0x81}, 1) // the version in two bytes
	for name, b := range map[string][]byte{"empty": {}, "no array": {1}, "no entries": must(encMode.Marshal([]any{1, []any{}})),
		"another encoding": loose, "tail": append(bytes.Clone(raw), 0), "cut": raw[:len(raw)-1]} {
		if _, err := DecodeValue(b); err == nil || errors.Is(err, ErrNewer) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, e := range []Entry{Cert{Role: Station, Name: "x", Place: "A B"}, Cert{Role: Merchant, Name: "x", Place: "a", Keyring: []byte{1}},
		Policy{}, Close{Number: 1}, Loss{}, Succeed{}, YearClose{}, Term{}, Genesis{Name: "x"}, Succeed{To: [16]byte{1}, Rights: []Right{{}}}} {
		if _, err := EncodeValue(e); err == nil {
			t.Errorf("%+v is encoded", e)
		}
	}
}

func TestMutatedValuesNeverPanic(t *testing.T) {
	raw := must(EncodeValue(slices.Concat(sample, people)...))
	rapid.Check(t, func(t *rapid.T) {
		b := bytes.Clone(raw)
		for range rapid.IntRange(1, 4).Draw(t, "n") {
			b[rapid.IntRange(0, len(b)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "byte")
		}
		if list, err := DecodeValue(b); err == nil {
			if again, err := EncodeValue(list...); err != nil || !bytes.Equal(again, b) {
				t.Fatalf("accepted, but encodes to other bytes: %v", err)
			}
		}
	})
}
