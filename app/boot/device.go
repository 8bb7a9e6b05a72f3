package boot

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"jishan/app/web"
	"jishan/frontend"
)

// closeLimit is how long calls that are under way may take when the program
// stops; a screen's longest is a roster of 10,000 rows.
const closeLimit = 10 * time.Second

// product is what boot needs of a running device.
type product interface {
	web.Product
	// Import takes in a bundle; it tells how many changes came from whom.
	Import(ctx context.Context, r io.Reader) (received int, from string, err error)
	// Addrs are the addresses at which other devices reach this one.
	Addrs() []string
	// PhoneWanted is where the settings want the phone pages to listen; "" is off.
	PhoneWanted() string
	// PhoneServed tells the address that phones open; "" is off.
	PhoneServed(url string)
	Close() error
}

// setup is what a running device is started with.
type setup struct {
	data     string
	http     string // "" serves no browser
	p2p      string // "off" connects to nobody
	p2pAsked bool   // p2p was named on the command line: no other will do
	phone    string // "" leaves it to the settings, "off" is off
	lan      bool
	window   bool
}

// device is everything that runs. It is started and stopped in one order:
// folder, log, product, pages; and back.
type device struct {
	folder  *folder
	log     *slog.Logger
	logFile io.Closer
	product product
	site    *web.Site
	browser *web.Server
	phones  *phones
	window  fs.FS
	end     context.CancelFunc
	done    sync.WaitGroup
}

// open starts a device. What was started is stopped again when a step fails.
func (o setup) open(ctx context.Context) (d *device, err error) {
	d = &device{}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	if d.folder, err = newFolder(o.data); err != nil {
		return d, err
	}
	if d.log, d.logFile, err = openLog(d.folder.dir); err != nil {
		return d, err
	}
	if d.product, err = openProduct(ctx, o, d.folder.dir, d.log); err != nil {
		d.log.Error("the device did not start", "err", err.Error())
		return d, err
	}
	return d, d.serve(o)
}

func (d *device) serve(o setup) (err error) {
	if d.window, err = fs.Sub(frontend.Dist, "dist"); err != nil {
		return err
	}
	d.site, err = web.New(web.Config{Product: d.product, Dist: d.window, Log: d.log, Clock: time.Now, Random: rand.Reader, Fresh: d.fresh})
	if err != nil {
		return err
	}
	if o.http != "" {
		if d.browser, err = d.site.ServeBrowser(o.http); err != nil {
			return err
		}
	}
	d.phones = &phones{site: d.site, product: d.product, log: d.log, fixed: o.phone}
	if err := d.phones.follow(); err != nil && o.phone != "" {
		return err
	}
	var ctx context.Context
	ctx, d.end = context.WithCancel(context.Background())
	d.done.Go(func() { d.phones.run(ctx) })
	d.log.Info("the device runs", "version", Version, "window", o.window, "lan", o.lan)
	return nil
}

// fresh reports that this device is in no community: there is nothing to
// protect yet.
func (d *device) fresh() bool {
	s, err := call[struct{ Phase string }](context.Background(), d.product, "app.state", struct{}{})
	return err == nil && s.Phase == "new"
}

// close stops everything in the opposite order; it works on half-started
// devices too.
func (d *device) close() error {
	var errs []error
	ctx, cancel := context.WithTimeout(context.Background(), closeLimit)
	defer cancel()
	if d.end != nil {
		d.end()
		d.done.Wait()
	}
	if d.phones != nil {
		errs = append(errs, d.phones.stop(ctx))
	}
	if d.browser != nil {
		errs = append(errs, d.browser.Close(ctx))
	}
	if d.product != nil {
		errs = append(errs, d.product.Close())
	}
	if d.logFile != nil {
		d.log.Info("the device has stopped")
		errs = append(errs, d.logFile.Close())
	}
	if d.folder != nil {
		errs = append(errs, d.folder.close())
	}
	return errors.Join(errs...)
}

// addresses is the line that `serve --json` prints: for whoever started the
// program, as the word and the code let in.
type addresses struct {
	HTTP  string   `json:"http"`
	Link  string   `json:"link"` // opens the screens in one browser
	Code  string   `json:"code"` // opens them in others
	Phone string   `json:"phone"`
	P2P   []string `json:"p2p"`
	Data  string   `json:"data"`
}

func (d *device) addresses() addresses {
	a := addresses{Phone: d.phones.addr(), P2P: d.product.Addrs(), Data: d.folder.dir}
	if d.browser != nil {
		a.HTTP = d.browser.Addr()
		o := d.site.Opening()
		a.Link, a.Code = o.Link(a.HTTP), o.Code
	}
	if a.P2P == nil {
		a.P2P = []string{}
	}
	return a
}

// call asks the product as a screen would.
func call[Res any](ctx context.Context, p web.Product, name string, params any) (res Res, err error) {
	b, err := json.Marshal(params)
	if err != nil {
		return res, err
	}
	v, err := p.Call(ctx, name, b)
	if err != nil {
		return res, err
	}
	if b, err = json.Marshal(v); err == nil {
		err = json.Unmarshal(b, &res)
	}
	return res, err
}
