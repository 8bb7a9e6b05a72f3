//go:build desktop || bindings || dev

package desktop

import (
	"context"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/logger"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	"github.com/wailsapp/wails/v2/pkg/options/windows"
	"github.com/wailsapp/wails/v2/pkg/runtime"
)

// Available: this build has a window.
const Available = true

// Run shows the window until it is closed or ctx ends. The data folder must be
// locked and the product open before: a second window fails before it appears.
func Run(ctx context.Context, cfg Config) error {
	w := &window{cfg: cfg, bridge: &Bridge{ctx: ctx, product: cfg.Product, log: cfg.Log}, stop: ctx}
	return wails.Run(w.options())
}

type window struct {
	cfg    Config
	bridge *Bridge
	stop   context.Context // ends the window from outside
	place  place
	moved  bool // the place is a remembered one
}

func (w *window) options() *options.App {
	w.place, w.moved = readPlace(w.cfg.Data)
	state := options.Normal
	if w.place.Maximised {
		state = options.Maximised
	}
	return &options.App{
		Title: w.cfg.Title, Width: w.place.Width, Height: w.place.Height, MinWidth: minWidth, MinHeight: minHeight,
		WindowStartState: state,
		StartHidden:      true, // shown when the page is there: no white flash
		BackgroundColour: options.NewRGB(0xF5, 0xF3, 0xEF),
		AssetServer:      &assetserver.Options{Assets: w.cfg.Pages, Handler: w.cfg.Rest, Middleware: w.cfg.Guard},
		OnStartup:        w.startup, OnDomReady: w.ready, OnBeforeClose: w.closing,
		Bind:                     []any{w.bridge},
		ErrorFormatter:           formatted,
		EnableDefaultContextMenu: true, // copy and paste by mouse
		Logger:                   silent{w.cfg}, LogLevelProduction: logger.ERROR,
		Linux:   &linux.Options{ProgramName: "jishan", WebviewGpuPolicy: linux.WebviewGpuPolicyNever},
		Windows: &windows.Options{WebviewUserDataPath: w.cfg.Data + "/webview", DisablePinchZoom: true},
	}
}

func (w *window) startup(ctx context.Context) {
	w.bridge.ask = func(suggested string) (string, error) {
		return runtime.SaveFileDialog(ctx, runtime.SaveDialogOptions{DefaultFilename: suggested, CanCreateDirectories: true})
	}
	topics := w.cfg.Product.Events(w.stop)
	go func() {
		for t := range topics {
			runtime.EventsEmit(ctx, "jishan", map[string][]string{"topics": t})
		}
	}()
	context.AfterFunc(w.stop, func() { runtime.Quit(ctx) })
}

func (w *window) ready(ctx context.Context) {
	if w.moved && !w.place.Maximised && w.onScreen(ctx) {
		runtime.WindowSetPosition(ctx, w.place.X, w.place.Y)
	}
	runtime.WindowShow(ctx)
}

// onScreen adds the screens up: their arrangement is not to be had.
func (w *window) onScreen(ctx context.Context) bool {
	screens, err := runtime.ScreenGetAll(ctx)
	if err != nil {
		return false
	}
	width, height := 0, 0
	for _, s := range screens {
		width += s.Size.Width
		height = max(height, s.Size.Height)
	}
	return w.place.within(width, height)
}

// closing remembers the place; it never keeps the window open.
func (w *window) closing(ctx context.Context) bool {
	p := place{Maximised: runtime.WindowIsMaximised(ctx)}
	p.X, p.Y = runtime.WindowGetPosition(ctx)
	p.Width, p.Height = runtime.WindowGetSize(ctx)
	if p.Maximised {
		p.Width, p.Height = w.place.Width, w.place.Height // the size to return to
	}
	if err := p.write(w.cfg.Data); err != nil {
		w.cfg.Log.Warn("the window's place was not remembered", "err", err.Error())
	}
	return false
}

// silent takes what Wails reports. Its lower levels quote calls with their
// parameters, so only that something happened is kept.
type silent struct{ cfg Config }

func (silent) Print(string)   {}
func (silent) Trace(string)   {}
func (silent) Debug(string)   {}
func (silent) Info(string)    {}
func (silent) Warning(string) {}
func (s silent) Error(string) { s.cfg.Log.Error("the window reported an error") }
func (s silent) Fatal(string) { s.cfg.Log.Error("the window reported a fatal error") }
