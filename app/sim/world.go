package sim

import (
	"context"
	cryptorand "crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"

	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
)

const (
	// stepMillis is how much time passes in a step; a day has eight.
	stepMillis  = 3 * 3600 * 1000
	stepsPerDay = 8
	// start is 2026-03-02 00:00 UTC, in the middle of a cohort.
	start = 1_772_409_600_000
	// stationShare of the year's budget comes with a station's turn: enough for a
	// day or two, then the office gives more.
	stationShare = 1000
	// budgetEach is what the office fixes the year's budget at, for each staff
	// device.
	budgetEach = 2000
	// stockEach lies on every shelf for each good: enough that points, not
	// goods, are what runs out.
	stockEach = 1_000_000
	goodsSold = 3
	// scarceEach is gone after a day or two.
	scarceEach = 8
)

// Config is one world.
type Config struct {
	Seed    uint64
	Days    int
	Devices int
	People  int
	Load    int // operations a device and day
	Profile Profile
	Cap     int64  // exposure of a till, 0: the community's default
	Online  int    // per cent of the time that a device is connected, 0: always
	Habits  bool   // people have usual places, as habits.go says
	Dir     string // where folders are made

	broken bool // for tests: awards are not remembered, so the world must fail
}

// Stats counts what happened in a world.
type Stats struct {
	Operations int // transactions asked for by people
	Admissions int // changes admitted from others
	PeerDays   int
	Affordable int // redemptions that the community's books would have paid
	Accepted   int // of these
	Hostile    int // hostile changes brought to a device
	Refused    int // of these, refused or left waiting
	Renewed    int // incarnations begun anew
	Unsynced   int // acknowledged changes that only a wiped or restored disk had
	Stranded   int64
	Loss       int64 // points
	Overspent  int64
	CloneLoss  int64            // greatest at one clone
	Moves      map[string]int64 // what was done, how often or how much
	bytes      int64
}

// world is everything between the first and the last step.
type world struct {
	ctx      context.Context
	cfg      Config
	source   *rand.ChaCha8 // keys, ids, salts
	now      int64
	step     int
	devices  []*device
	people   []ledger.Subject
	index    map[ledger.Subject]int // of people
	goods    []ledger.Subject
	scarce   ledger.Subject         // a good of which every shelf has few
	truth    []*account             // what each person was told
	payments []payment              // of debts, of which people were not told yet
	closed   map[string]ledger.Head // years that were closed, and the head before that
	finished bool                   // the one that was closed was finished at once
	granted  map[string]int64       // the budgets that were approved, by year
	together []gathering
	net      *network
	groups   []int // partition: devices of different groups are apart; nil: one
	renew    []*device
	healing  bool // all faults are over: what is done once a day is done now
	paper    []paper
	coupons  []coupon
	habits   []habit
	slips    [][]slip // by person: forwarded points that somebody carries
	backups  []backup
	folders  int
	stats    Stats
	trace    hash.Hash
	story    []string
	books    books
	clones   int
	wild     bool // rights may be stranded: the truth is a bound only
	theft    bool // rights may be used twice: there may be loss
}

// paper is a voucher that somebody carries.
type paper struct {
	to      int
	voucher []byte
	person  int
}

// Failure is a broken promise.
type Failure struct {
	Seed   uint64   `json:"seed"`
	Oracle string   `json:"oracle"`
	Text   string   `json:"text"`
	Step   int      `json:"step"`
	Story  []string `json:"story,omitempty"`
}

func (f *Failure) Error() string {
	return fmt.Sprintf("seed %d, step %d: %s: %s", f.Seed, f.Step, f.Oracle, f.Text)
}

func fail(oracle, format string, args ...any) error {
	return &Failure{Oracle: oracle, Text: fmt.Sprintf(format, args...)}
}

// founding guards the process's source of randomness, which age reads.
var founding sync.Mutex

// newWorld founds the community and lets every device join it.
func newWorld(ctx context.Context, cfg Config) (w *world, err error) {
	var key [32]byte
	copy(key[:], "jishan simulator 1")
	binary.BigEndian.PutUint64(key[24:], cfg.Seed)
	w = &world{ctx: ctx, cfg: cfg, source: rand.NewChaCha8(key), now: cfg.begins(), trace: sha256.New(),
		closed: map[string]ledger.Head{}, granted: map[string]int64{}, index: map[ledger.Subject]int{}}
	w.net = newNetwork(w)
	for range cfg.People {
		w.people = append(w.people, w.subject())
		w.index[w.people[len(w.people)-1]] = len(w.people) - 1
	}
	for range goodsSold {
		w.goods = append(w.goods, w.subject())
	}
	w.scarce = w.subject()
	for range cfg.People {
		w.truth = append(w.truth, newAccount())
	}
	if cfg.Habits {
		w.habits, w.slips = habitsOf(cfg), make([][]slip, cfg.People)
	}
	w.seeded(func() { err = w.found() })
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

// seeded runs fn while the process's own randomness comes from the seed.
func (w *world) seeded(fn func()) {
	founding.Lock()
	defer founding.Unlock()
	was := cryptorand.Reader
	cryptorand.Reader = w.source
	defer func() { cryptorand.Reader = was }()
	fn()
}

// subject makes a new id.
func (w *world) subject() (s ledger.Subject) {
	_, _ = w.source.Read(s[:]) // ChaCha8 never fails
	return s
}

// roleOf spreads the roles: an office, then stations and merchants in turn.
func roleOf(n int) govern.Role {
	switch {
	case n == 0:
		return govern.Office
	case n%2 == 1:
		return govern.Station
	}
	return govern.Merchant
}

func (w *world) found() error {
	office, err := w.newDevice(0)
	if err != nil {
		return err
	}
	f, err := govern.Found(w.source, w.now, govern.GenesisRequest{
		Community: "柳溪社区", Office: "社区办公室", Grids: []string{"第一网格"}, Device: office.key, Incarnation: office.inc.Certificate,
	})
	if err != nil {
		return err
	}
	if err := office.open(f.Community); err != nil {
		return err
	}
	w.devices = []*device{office}
	err = office.write(func(tx *store.Tx) error { return office.charter.Establish(tx, f) })
	if err != nil {
		return err
	}
	for n := 1; n < w.cfg.Devices; n++ {
		d, err := w.newDevice(n)
		if err != nil {
			return err
		}
		if err := office.enrol(d); err != nil {
			return err
		}
		if err := d.open(f.Community); err != nil {
			return err
		}
		if err := d.welcome(office); err != nil {
			return err
		}
		w.devices = append(w.devices, d)
	}
	return w.furnish()
}

// newDevice makes a device's keys and its folder.
func (w *world) newDevice(n int) (*device, error) {
	d := &device{w: w, n: n, role: roleOf(n)}
	var err error
	if d.dir, err = w.folder(); err != nil {
		return nil, err
	}
	if d.key, err = govern.LoadOrCreateDevice(d.dir, w.source); err != nil {
		return nil, err
	}
	d.inc, err = seal.NewIncarnation(w.source, d.key.Private, w.now)
	return d, err
}

func (w *world) folder() (string, error) {
	w.folders++
	dir := filepath.Join(w.cfg.Dir, fmt.Sprintf("d%d", w.folders))
	return dir, os.MkdirAll(dir, 0o700)
}

// enrol certifies a device, as the registrar.
func (d *device) enrol(o *device) error {
	return d.write(func(tx *store.Tx) error {
		_, err := d.charter.Certify(tx, govern.Enrol{
			Device: o.pub(), Role: o.role, Name: o.String(), PlaceName: o.String(), Recipient: o.key.Recipient(),
		})
		return err
	})
}

// welcome gives a joiner the charter and the certificates, as the inviter's
// answer does; the inviter got the joiner's certificate with the question.
func (d *device) welcome(by *device) error {
	certs, err := by.store.SetItems(d.w.ctx, store.SetIncarnation, -1)
	if err != nil {
		return err
	}
	err = d.write(func(tx *store.Tx) error {
		for _, it := range certs {
			if _, err := tx.SetAdd(store.SetIncarnation, it); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	doc := d.charter.Doc("gov/1")
	_, author, _ := by.charter.Registrar()
	list, err := by.store.After(d.w.ctx, doc, author, 0, admit.MaxBatch)
	if err != nil {
		return err
	}
	var items []seal.Sealed
	for _, c := range list {
		items = append(items, c.Sealed)
	}
	if _, err := admit.Batch(d.w.ctx, d.store, d.rules, "welcome", doc, items); err != nil {
		return err
	}
	own := store.Item{ID: d.inc.ID(), Blob: d.inc.Certificate.Encode()}
	return by.write(func(tx *store.Tx) error {
		_, err := tx.SetAdd(store.SetIncarnation, own)
		return err
	})
}

// furnish lets all meet, and gives everybody what the first day needs: budget,
// turns, exposure, stock.
func (w *world) furnish() error {
	office := w.devices[0]
	if err := w.meet(); err != nil {
		return err
	}
	if err := office.firstRules(); err != nil {
		return err
	}
	if w.cfg.Cap != 0 {
		limit := w.cfg.Cap
		if limit < 0 {
			limit = noCap
		}
		err := office.write(func(tx *store.Tx) error { return office.charter.SetPolicy(tx, govern.ExposureSetting(limit)) })
		if err != nil {
			return err
		}
	}
	for _, d := range w.devices {
		err := d.write(func(tx *store.Tx) error {
			for _, g := range w.goods {
				if _, err := d.ledger.Receive(tx, g, stockEach, ""); err != nil {
					return err
				}
			}
			_, err := d.ledger.Receive(tx, w.scarce, scarceEach, "")
			return err
		})
		if err != nil {
			return err
		}
		if d.role == govern.Merchant {
			continue
		}
		d.turn = w.subject()
		if err := office.giveTurn(d); err != nil {
			return err
		}
	}
	return w.settle(6)
}

// noCap is an exposure that nothing reaches.
const noCap = 1 << 30

// firstRules is what the office fixes before the first day: the year's budget, the
// levels, the grace after the year's end.
func (d *device) firstRules() error {
	w := d.w
	total := int64(budgetEach * w.cfg.Devices)
	if err := d.fixBudget(w.period(), total); err != nil {
		return err
	}
	return d.write(func(tx *store.Tx) error {
		if w.cfg.Profile&YearEnd != 0 {
			if err := d.charter.SetPolicy(tx, govern.YearGraceSetting(w.cfg.grace())); err != nil {
				return err
			}
		}
		if d.honour == nil {
			return nil
		}
		return d.honour.Save(tx, honours)
	})
}

// giveTurn makes a turn for a staff device and sends it with a share of the
// budget, as far as there is some.
func (d *device) giveTurn(to *device) error {
	return d.write(func(tx *store.Tx) error {
		if err := d.ledger.EnsureTurn(tx, to.turn); err != nil || to == d {
			return err
		}
		budget := d.issue()
		have, err := d.ledger.Here(tx, budget)
		if err != nil {
			return err
		}
		_, err = d.ledger.SendTurn(tx, to.turn, ledger.Amount{Quota: budget, N: min(have, stationShare)}, to.inc.Actor())
		return err
	})
}

// meet connects all that can be and lets them talk.
func (w *world) meet() error {
	if err := w.net.connect(); err != nil {
		return err
	}
	return w.net.pump()
}

// settle lets everybody meet and do the chores until nothing is due, at most
// some rounds.
func (w *world) settle(rounds int) error {
	for range rounds {
		if err := w.meet(); err != nil {
			return err
		}
		busy := false
		for _, d := range w.devices {
			if d.down {
				continue
			}
			busy = busy || d.dirty
			if err := cmpOr(d.chores(), w.payUp()); err != nil {
				return err
			}
		}
		if err := w.renewAll(); err != nil {
			return err
		}
		if !busy {
			return nil
		}
	}
	return nil
}

// apart tells whether a partition lies between two devices.
func (w *world) apart(a, b *device) bool {
	return w.groups != nil && w.groups[a.n] != w.groups[b.n]
}

// note writes a line of the story and of the trace.
func (w *world) note(format string, args ...any) {
	line := fmt.Sprintf("%d.%d ", w.step/stepsPerDay, w.step%stepsPerDay) + fmt.Sprintf(format, args...)
	w.story = append(w.story, line)
	_, _ = io.WriteString(w.trace, line+"\n")
}

func (w *world) hash() string { return hex.EncodeToString(w.trace.Sum(nil)[:16]) }

func (w *world) close() error {
	var errs []error
	for _, l := range w.net.links {
		l.close()
	}
	for _, d := range w.devices {
		if d.store != nil {
			errs = append(errs, d.store.Close())
		}
	}
	return errors.Join(errs...)
}
