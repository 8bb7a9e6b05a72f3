package boot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"jishan/app/desktop"
	"jishan/app/ledger"
	"jishan/app/node"
	"jishan/crdt/engine"
	"jishan/crdt/store"
)

// finding is what one check found. Texts hold nothing personal: no names, no
// addresses, no ids.
type finding struct {
	What  string `json:"what"`
	State state  `json:"state"`
	Text  string `json:"text"`
}

type state string

const (
	fine    state = "ok"
	careful state = "warn"
	bad     state = "bad"
)

// report is the doctor's whole word.
type report struct {
	OK       bool      `json:"ok"` // nothing is bad
	At       string    `json:"at"`
	Build    build     `json:"build"`
	Findings []finding `json:"findings"`
}

const (
	// Below diskBad the next months' entries may not fit; an entry takes about
	// 1 kB with everything derived from it.
	diskBad, diskLow = 200 << 20, 2 << 30
	// A till should answer at once; an old hard disk needs 30 ms for a commit.
	syncSlow = 60 * time.Millisecond
	syncRuns = 5
	// clockAhead is how far a clock may lie behind the last entry: others'
	// clocks are taken over up to five minutes ahead.
	clockAhead = 5 * time.Minute
	// clockAge: with the last entry that long ago the date deserves a look.
	clockAge = 90 * 24 * time.Hour
)

func runDoctor(ctx context.Context, s streams, args []string) int {
	f := newFlags(s, "doctor").withData()
	support := f.String("support", "", "also write a support file here, with nothing personal in it")
	lan := f.String("lan", "on", "on or off: look for devices on the LAN")
	if _, code := f.parse(args, 0, 0); code >= 0 {
		return code
	}
	if *lan != "on" && *lan != off {
		fmt.Fprintln(s.err, "jishan doctor: --lan takes on or off")
		return exitUsage
	}
	e := examination{ctx: ctx, data: *f.data, lan: *lan == "on"}
	r := e.all()
	if *support != "" {
		if err := writeSupport(*support, r, *f.data); err != nil {
			return f.failed(err)
		}
	}
	f.print(r, func(w io.Writer) {
		for _, x := range r.Findings {
			fmt.Fprintf(w, "%-4s  %-10s  %s\n", x.State, x.What, x.Text)
		}
		if *support != "" {
			fmt.Fprintln(w, "support file:", *support)
		}
	})
	if !r.OK {
		return exitFailed
	}
	return exitOK
}

// examination checks one machine and one data folder.
type examination struct {
	ctx  context.Context
	data string
	lan  bool
	last int64 // time of the last entry, milliseconds; 0 = unknown
}

func (e *examination) all() report {
	r := report{OK: true, At: time.Now().UTC().Format(time.RFC3339), Build: thisBuild()}
	for _, check := range []struct {
		what string
		do   func() (state, string)
	}{
		{"program", e.program}, {"folder", e.folder}, {"space", e.space}, {"disk", e.disk}, {"database", e.database},
		{"clock", e.clock}, {"ports", e.ports}, {"network", e.network}, {"neighbours", e.neighbours},
	} {
		state, text := check.do()
		r.Findings = append(r.Findings, finding{check.what, state, text})
		r.OK = r.OK && state != bad
	}
	return r
}

func (e *examination) program() (state, string) {
	text := fmt.Sprintf("version %s, %s/%s, %d processors", Version, runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	if !desktop.Available {
		text += ", no window in this build"
	}
	if !engine.Available() {
		text += ", no automerge-go in this build"
	}
	return fine, text
}

// words are an error's without the folder's name, which may be a person's.
func (e *examination) words(err error) string {
	text := sentence(err)
	if full, err := filepath.Abs(e.data); err == nil {
		text = strings.ReplaceAll(text, full, "the data folder")
	}
	return strings.ReplaceAll(text, e.data, "the data folder")
}

func (e *examination) folder() (state, string) {
	i, err := os.Stat(e.data)
	if errors.Is(err, os.ErrNotExist) {
		return fine, "not there yet: it is made at the first start"
	}
	if err != nil || !i.IsDir() {
		return bad, "it is no folder that can be read"
	}
	if runtime.GOOS == "windows" {
		return fine, "it is there"
	}
	if i.Mode().Perm()&0o077 != 0 {
		return careful, "other users of this machine may look into it: set its mode to 0700"
	}
	loose, err := looseFiles(e.data)
	if err != nil {
		return careful, "what is in it can't all be looked at: " + e.words(err)
	}
	if loose > 0 {
		return careful, fmt.Sprintf("%d of its files and folders are open to other users of this machine: chmod -R go= takes that back", loose)
	}
	return fine, "it is there and belongs to this user alone"
}

// looseFiles counts what others than the owner may read or write below a folder.
func looseFiles(dir string) (n int, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		i, err := d.Info()
		switch {
		case errors.Is(err, fs.ErrNotExist): // gone meanwhile, as a running program's files may
			return nil
		case err != nil:
			return err
		case i.Mode()&fs.ModeSymlink == 0 && i.Mode().Perm()&0o077 != 0:
			n++
		}
		return nil
	})
	return n, err
}

// parent is the nearest folder above that exists.
func (e *examination) parent() string {
	dir, err := filepath.Abs(e.data)
	for err == nil && dir != filepath.Dir(dir) {
		if i, e := os.Stat(dir); e == nil && i.IsDir() {
			return dir
		}
		dir = filepath.Dir(dir)
	}
	return dir
}

func (e *examination) space() (state, string) {
	free, err := freeBytes(e.parent())
	if err != nil {
		return careful, "the free space can't be read"
	}
	text := fmt.Sprintf("%d MB free", free>>20)
	switch {
	case free < diskBad:
		return bad, text + ": make room, or entries can't be saved"
	case free < diskLow:
		return careful, text + ": make room soon"
	}
	return fine, text
}

// disk measures what every acknowledged entry waits for.
func (e *examination) disk() (state, string) {
	f, err := os.CreateTemp(e.parent(), ".jishan-*")
	if err != nil {
		return bad, "the data folder can't be written"
	}
	defer os.Remove(f.Name())
	defer f.Close()
	worst := time.Duration(0)
	for range syncRuns {
		start := time.Now()
		if _, err := f.Write(make([]byte, 4096)); err != nil {
			return bad, "the disk refuses to write: " + e.words(err)
		}
		if err := f.Sync(); err != nil {
			return bad, "the disk refuses to sync: " + e.words(err)
		}
		worst = max(worst, time.Since(start))
	}
	text := fmt.Sprintf("%.1f ms for a safe write", float64(worst.Microseconds())/1000)
	if worst > syncSlow {
		return careful, text + ": the till will feel slow on this disk"
	}
	return fine, text
}

func (e *examination) database() (state, string) {
	if _, err := os.Stat(filepath.Join(e.data, databaseFile)); errors.Is(err, os.ErrNotExist) {
		return fine, "none yet"
	}
	r, err := openReading(e.ctx, e.data)
	if _, busy := errors.AsType[busyFolder](err); busy || errors.Is(err, store.ErrInUse) {
		return careful, "not looked at: the program is running; close it for the full check"
	}
	if err != nil {
		return bad, e.words(err)
	}
	state, text := e.look(r)
	if err := r.close(); err != nil {
		return bad, e.words(err)
	}
	return state, text
}

func (e *examination) look(r *reading) (state, string) {
	if err := r.store.Check(e.ctx); err != nil {
		return bad, e.words(err)
	}
	for at := (ledger.Sounding{}); !at.Done; {
		if err := r.store.View(e.ctx, func(q store.Querier) error { return ledger.Sound(q, &at, ledger.SoundRows) }); err != nil {
			return bad, e.words(err)
		}
	}
	c, err := r.store.Counts(e.ctx)
	breakers := ""
	if err == nil {
		err = r.store.View(e.ctx, func(q store.Querier) (err error) {
			if e.last, err = store.LastClock(q); err == nil {
				breakers, err = ruleBreakers(q)
			}
			return err
		})
	}
	if err != nil {
		return bad, e.words(err)
	}
	if err := r.store.View(e.ctx, func(q store.Querier) error { return node.Look(e.data, q) }); err != nil {
		return bad, e.words(err)
	}
	lacks, err := e.lacks(r)
	if err != nil {
		return bad, e.words(err)
	}
	if lacks > 0 {
		return bad, fmt.Sprintf("at least %d entries that were acknowledged here are missing: the database is older than the lock file says, or its %s-wal was lost. "+
			"Put the newest files back if they are somewhere; what reached another device comes back by sync; enter the rest again from paper", lacks, databaseFile)
	}
	text := fmt.Sprintf("sound; %d documents, %d changes, %d waiting, %d refused", c.Docs, c.Changes, c.Waiting, c.Quarantined) + breakers
	if c.Branches > 0 || c.Ended > 0 {
		return bad, text + fmt.Sprintf("; %d changes of a device with two histories, %d feeds ended: see the screen Devices", c.Branches, c.Ended)
	}
	if c.Quarantined > 0 || breakers != "" {
		return careful, text + ": see the screen Devices"
	}
	return fine, text
}

// ruleBreakers tells how many devices this one cut off, and for what; not which.
func ruleBreakers(q store.Querier) (string, error) {
	devices, times, err := node.Broken(q)
	if err != nil || devices == 0 {
		return "", err
	}
	var list []string
	for _, reason := range slices.Sorted(maps.Keys(times)) {
		list = append(list, fmt.Sprintf("%s %d", reason, times[reason]))
	}
	return fmt.Sprintf("; %d devices broke the rules of the network and were cut off (%s)", devices, strings.Join(list, ", ")), nil
}

// lacks counts the entries that were acknowledged and are not in the database: by
// the lock file, or as the last start found until somebody has read it.
func (e *examination) lacks(r *reading) (uint64, error) {
	now, err := r.store.Behind(filepath.Join(e.data, node.LockFile))
	if err != nil {
		return 0, err
	}
	before, err := node.Missing(e.data)
	return now + before, err
}

func (e *examination) clock() (state, string) {
	now := time.Now()
	zone, offset := now.Zone()
	text := fmt.Sprintf("zone %s (UTC%+.1f)", zone, float64(offset)/3600)
	if e.last == 0 {
		return fine, text
	}
	since := now.Sub(time.UnixMilli(e.last))
	switch {
	case since < -clockAhead:
		return bad, text + fmt.Sprintf("; %v before the last entry: correct the clock", (-since).Round(time.Minute))
	case since > clockAge:
		return careful, text + fmt.Sprintf("; %d days after the last entry: is the date right?", int(since.Hours()/24))
	}
	return fine, text + "; agrees with the last entry"
}

// ports tries the program's usual ones.
func (e *examination) ports() (state, string) {
	var taken []string
	for _, p := range []struct{ network, addr string }{{"tcp", defaultHTTP}, {"tcp", defaultP2P}, {"udp", defaultP2P}} {
		if !free(p.network, p.addr) {
			_, port, _ := net.SplitHostPort(p.addr)
			taken = append(taken, port+"/"+p.network)
		}
	}
	if len(taken) > 0 {
		return careful, fmt.Sprintf("%v in use: by this program if it runs, else name others with --http and --p2p", taken)
	}
	return fine, "8420/tcp, 8421/tcp and 8421/udp are free"
}

func free(network, addr string) bool {
	if network == "udp" {
		c, err := net.ListenPacket("udp", addr)
		return err == nil && c.Close() == nil
	}
	l, err := net.Listen("tcp", addr)
	return err == nil && l.Close() == nil
}

func (e *examination) network() (state, string) {
	private, public := 0, 0
	for _, a := range ownAddresses() {
		switch {
		case a.IsLoopback() || a.IsLinkLocalUnicast():
		case a.IsPrivate():
			private++
		default:
			public++
		}
	}
	if private+public == 0 {
		return careful, "no network: work goes on, data travels by USB stick or later"
	}
	return fine, fmt.Sprintf("%d private and %d public addresses", private, public)
}

// support is the file for whoever helps.
type support struct {
	Report report            `json:"report"`
	Log    []json.RawMessage `json:"log"`
}

func writeSupport(path string, r report, data string) error {
	lines, err := logTail(filepath.Join(data, "log", "jishan.log"))
	if err != nil {
		return err
	}
	b, err := json.MarshalIndent(support{r, lines}, "", " ")
	if err != nil {
		return err
	}
	return writeWhole(path, append(b, '\n'))
}
