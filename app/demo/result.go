package demo

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"jishan/app/terminal"
)

// result is the line that `jishan demo --headless --json` prints. Amounts are
// of points; consumed is net of restores.
type result struct {
	OK        bool     `json:"ok"`
	Why       *why     `json:"why,omitempty"` // only where OK is false
	Equal     bool     `json:"equal"`
	Devices   []device `json:"devices"` // none where the play ended early
	Minted    int64    `json:"minted"`
	Held      int64    `json:"held"`
	InFlight  int64    `json:"inflight"`
	Stranded  int64    `json:"stranded"`
	Consumed  int64    `json:"consumed"`
	Burned    int64    `json:"burned"`
	Unseen    int64    `json:"unseen"`
	Loss      int64    `json:"loss"`
	Negative  int64    `json:"negative"`
	Lost      int      `json:"lost"`
	Confirmed int      `json:"confirmed"`
	Converge  int64    `json:"converge_ms"`

	differ string // the first difference between two devices
}

// why is the reason for which a demo is not ok.
type why struct {
	Code  string `json:"code"` // a device's own code, else demo.ended or demo.result
	Words string `json:"words"`
}

// ended says why the play did not come to its end.
func ended(err error) *why {
	w := &why{"demo.ended", terminal.Words(err)}
	if r, ok := errors.AsType[*refusal](err); ok {
		w.Code = r.Code
	}
	return w
}

// wrong names everything in the result that is not as it should be; nil if all
// is.
func (r result) wrong(most int) *why {
	var list []string
	for _, c := range []struct {
		ok   bool
		text string
	}{
		{r.Equal, "the devices hold different documents: " + r.differ},
		{r.Negative == 0, fmt.Sprintf("%d accounts are below zero", r.Negative)},
		{r.Lost == 0, fmt.Sprintf("%d acknowledged commands are missing at the office", r.Lost)},
		{r.Loss == 0, fmt.Sprintf("%d points were spent twice", r.Loss)},
		{r.Unseen == 0, fmt.Sprintf("%d points come from entries that the office has not seen", r.Unseen)},
		{r.Confirmed == places, fmt.Sprintf("%d people are confirmed for %d places", r.Confirmed, places)},
		{most <= places, fmt.Sprintf("%d people were confirmed at one time for %d places", most, places)},
		{r.Minted+r.Unseen+r.Loss == r.Held+r.InFlight+r.Stranded+r.Consumed+r.Burned, "the sums of points do not agree"},
	} {
		if !c.ok {
			list = append(list, c.text)
		}
	}
	if list == nil {
		return nil
	}
	return &why{"demo.result", strings.Join(list, "; ")}
}

type device struct {
	Name      string            `json:"name"`
	Role      string            `json:"role"`
	Documents map[string]string `json:"documents"`
	Balances  string            `json:"balances"`
}

// report is what a device answers to audit.report.
type report struct {
	Device    string
	Name      string
	Role      string
	Documents map[string]string
	Readers   map[string][]string
	Balances  string
	Terms     struct {
		Minted, Unseen, Loss, Held, InFlight, Stranded, Consumed, Restored, Burned int64
	}
	Negative int64
}

func (p *play) reports() (map[string]report, error) {
	out := map[string]report{}
	for _, d := range p.all() {
		r, err := call[report](p.ctx, d, "audit.report", object{})
		if err != nil {
			return nil, err
		}
		out[r.Device] = r
	}
	return out, nil
}

// agree tells whether every device that may read a document has it, with the
// same digest, and says of the first difference.
func agree(rs map[string]report) (bool, string) {
	for _, a := range rs {
		for doc, digest := range a.Documents {
			for _, reader := range a.Readers[doc] {
				b, here := rs[reader]
				if !here {
					continue
				}
				if got := b.Documents[doc]; got != digest {
					return false, fmt.Sprintf("%s: %.8s at %s, %.8s at %s", doc, digest, a.Name, got, b.Name)
				}
			}
		}
	}
	return true, ""
}

// converge waits until all agree and stay so, and nothing is in flight to a
// device that is here.
func (p *play) converge(limit time.Duration) (time.Duration, error) {
	start := time.Now()
	why := ""
	err := until(p.ctx, limit, "the devices agree", func() (bool, error) {
		rs, err := p.reports()
		if err != nil {
			return false, err
		}
		ok, w := agree(rs)
		why = w
		return ok, nil
	})
	if err != nil {
		return 0, fmt.Errorf("%w (%s)", err, why)
	}
	return time.Since(start), nil
}

func (p *play) result(took time.Duration) (result, error) {
	rs, err := p.reports()
	if err != nil {
		return result{}, err
	}
	var r result
	r.Equal, r.differ = agree(rs)
	for _, want := range []string{"office", "station", "merchant"} {
		for _, x := range rs {
			if x.Role != want {
				continue
			}
			r.Devices = append(r.Devices, device{x.Name, x.Role, x.Documents, x.Balances})
			r.Negative += x.Negative
			if want != "office" { // the office holds every feed; the others are compared by digest
				continue
			}
			t := x.Terms
			r.Minted, r.Held, r.InFlight, r.Stranded = t.Minted, t.Held, t.InFlight, t.Stranded
			r.Consumed, r.Burned, r.Unseen, r.Loss = t.Consumed-t.Restored, t.Burned, t.Unseen, t.Loss
		}
	}
	if r.Lost, err = p.lost(); err != nil {
		return r, err
	}
	a, err := p.look(p.office)
	if err != nil {
		return r, err
	}
	r.Confirmed, r.Converge = a.Confirmed, took.Milliseconds()
	r.Why = r.wrong(p.maxConfirmed)
	r.OK = r.Why == nil
	return r, nil
}

// lost counts the acknowledged commands whose change the office does not have.
func (p *play) lost() (int, error) {
	hashes := []string{}
	for _, a := range p.acked {
		hashes = append(hashes, a.hash)
	}
	r, err := call[struct{ Missing []string }](p.ctx, p.office, "audit.has", object{"hashes": hashes})
	return len(r.Missing), err
}

func (r result) words() string {
	var b strings.Builder
	if r.Why != nil {
		fmt.Fprintf(&b, "Not as it should be: %s.\n", r.Why.Words)
	} else {
		fmt.Fprintln(&b, "All three devices agree, nothing was lost, nothing was spent twice.")
	}
	if len(r.Devices) == 0 {
		return b.String()
	}
	fmt.Fprintf(&b, "points: minted %d = held %d + in flight %d + stranded %d + consumed %d + burned %d (unseen %d, loss %d, negative %d)\n",
		r.Minted, r.Held, r.InFlight, r.Stranded, r.Consumed, r.Burned, r.Unseen, r.Loss, r.Negative)
	fmt.Fprintf(&b, "places confirmed %d, acknowledged commands missing %d, in agreement after %d ms\n", r.Confirmed, r.Lost, r.Converge)
	return b.String()
}
