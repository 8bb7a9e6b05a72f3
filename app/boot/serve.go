package boot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strconv"

	"jishan/app/desktop"
	"jishan/app/web"
)

const (
	// defaultHTTP is where the screens are when nobody says otherwise.
	defaultHTTP = "127.0.0.1:8420"
	// defaultP2P: one fixed port, so that the address in a ticket stays good.
	defaultP2P = ":8421"
)

// deviceFlags are what a running device takes.
type deviceFlags struct {
	*flags
	http, p2p, phone, lan *string
}

func newDeviceFlags(s streams, name string) *deviceFlags {
	f := newFlags(s, name).withData()
	return &deviceFlags{
		flags: f,
		http:  f.String("http", defaultHTTP, "where this machine's browser finds the screens, on loopback; port 0 takes a free one"),
		p2p:   f.String("p2p", defaultP2P, "where other devices connect, TCP and UDP; off connects to nobody"),
		phone: f.String("phone", "", "where phones on the LAN find their pages, for instance :8422, or off (default: as in the settings)"),
		lan:   f.String("lan", "on", "on or off: look for devices on the LAN, unless the settings say off"),
	}
}

// setup checks the flags.
func (f *deviceFlags) setup() (setup, error) {
	o := setup{data: *f.data, http: *f.http, p2p: *f.p2p, phone: *f.phone, lan: *f.lan != off}
	if o.lan && *f.lan != "on" {
		return o, errors.New("--lan takes on or off")
	}
	for _, a := range []struct{ flag, addr, example string }{
		{"http", o.http, defaultHTTP}, {"p2p", o.p2p, defaultP2P + ", or off"}, {"phone", o.phone, ":8422, or off"},
	} {
		if !listens(a.addr) && (a.addr != off && a.addr != "" || a.flag == "http") {
			return o, fmt.Errorf("--%s takes an address such as %s", a.flag, a.example)
		}
	}
	o.p2pAsked = f.named("p2p")
	return o, nil
}

// listens reports whether an address names a port, and a host by its number.
func listens(addr string) bool {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n > 65535 {
		return false
	}
	_, err = netip.ParseAddr(host)
	return err == nil || host == "" || host == "localhost"
}

func runServe(ctx context.Context, s streams, args []string) int {
	f := newDeviceFlags(s, "serve")
	if _, code := f.parse(args, 0, 0); code >= 0 {
		return code
	}
	o, err := f.setup()
	if err != nil {
		fmt.Fprintln(s.err, f.Name()+":", err)
		return exitUsage
	}
	return f.serve(ctx, o)
}

// serve runs a device with pages for a browser until it is asked to stop.
func (f *deviceFlags) serve(ctx context.Context, o setup) int {
	d, err := o.open(ctx)
	if err != nil {
		return f.failed(err)
	}
	if err := d.site.Built(); err != nil {
		fmt.Fprintln(f.s.err, f.Name()+":", err)
	}
	a := d.addresses()
	f.print(a, func(w io.Writer) {
		a.sayLink(w)
		if a.Phone != "" {
			fmt.Fprintf(w, "phones: http://%s\n", reachable(a.Phone, ownAddresses()))
		}
		fmt.Fprintf(w, "data: %s\nCtrl+C stops.\n", a.Data)
	})
	f.warnOffline(ctx, d)
	<-ctx.Done()
	if err := d.close(); err != nil {
		return f.failed(err)
	}
	return exitOK
}

// sayLink prints how to open the screens. It is the only place where the word
// and the code stand.
func (a addresses) sayLink(w io.Writer) {
	fmt.Fprintf(w, "积善 Jishan: %s\n", a.Link)
	fmt.Fprintf(w, "The link opens one browser. Opening code for any other 打开码: %s %s\n", a.Code[:3], a.Code[3:])
}

// warnOffline says that other devices can't connect. Work goes on all the
// same: the counter never waits for the network.
func (f *deviceFlags) warnOffline(ctx context.Context, d *device) {
	s, err := call[struct{ NetError string }](ctx, d.product, "app.state", struct{}{})
	if err == nil && s.NetError != "" {
		fmt.Fprintf(f.s.err, "%s: other devices can't connect here; is %s taken? Work goes on; name another address with --p2p\n", f.Name(), *f.p2p)
	}
}

// runWindow opens the window, or serves where there is none.
func runWindow(ctx context.Context, s streams, args []string) int {
	f := newDeviceFlags(s, "serve")
	f.Init("jishan", f.ErrorHandling())
	if _, code := f.parse(args, 0, 0); code >= 0 {
		return code
	}
	o, err := f.setup()
	if err != nil {
		fmt.Fprintln(s.err, f.Name()+":", err)
		return exitUsage
	}
	if !desktop.Available || !hasDisplay() {
		fmt.Fprintln(s.err, "jishan:", whyNoWindow())
		return f.serve(ctx, o)
	}
	if !f.named("http") {
		o.http = "" // the window needs no listener
	}
	o.window = true
	return f.show(ctx, o)
}

func (f *deviceFlags) show(ctx context.Context, o setup) int {
	d, err := o.open(ctx)
	if err != nil {
		return f.failed(err)
	}
	if a := d.addresses(); a.HTTP != "" {
		a.sayLink(f.s.out)
	}
	err = desktop.Run(ctx, desktop.Config{
		Product: d.product, Pages: d.window, Rest: d.site.Window(), Guard: web.Secure,
		Data: d.folder.dir, Title: "积善", Log: d.log,
	})
	if err = errors.Join(err, d.close()); err != nil {
		return f.failed(err)
	}
	return exitOK
}

// hasDisplay: on Linux and the BSDs a window needs a display server; asking
// the toolkit ends the process when there is none.
func hasDisplay() bool {
	switch runtime.GOOS {
	case "windows", "darwin":
		return true
	}
	return os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}

func whyNoWindow() string {
	if !desktop.Available {
		return "no window in this build, so the screens are served to a browser"
	}
	return "no display here, so the screens are served to a browser"
}
