package desktop

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
)

// place is where the window was when it was last closed.
type place struct {
	X, Y, Width, Height int
	Maximised           bool
}

const (
	placeFile = "window.json"
	// The pages work from 1280x800; smaller is allowed for a tablet at the till.
	minWidth, minHeight         = 800, 600
	defaultWidth, defaultHeight = 1280, 800
	// maxExtent: nobody's screens are wider; larger numbers are a broken file.
	maxExtent = 20000
	// grip is how much of the title bar must be on the screens to be caught.
	grip = 100
)

// readPlace returns the remembered place; what can't be read or can't be right
// is the default, as nobody should be asked about this.
func readPlace(dir string) (p place, known bool) {
	b, err := os.ReadFile(filepath.Join(dir, placeFile))
	if err != nil || json.Unmarshal(b, &p) != nil || !p.sensible() {
		return place{Width: defaultWidth, Height: defaultHeight}, false
	}
	return p, true
}

func (p place) sensible() bool {
	return p.Width >= minWidth && p.Height >= minHeight && p.Width <= maxExtent && p.Height <= maxExtent &&
		p.X > -maxExtent && p.X < maxExtent && p.Y > -maxExtent && p.Y < maxExtent
}

// within reports whether the window can be seen and moved on screens that
// together are that large: a second screen may have been unplugged.
func (p place) within(width, height int) bool {
	return p.X > grip-p.Width && p.X < width-grip && p.Y >= 0 && p.Y < height-grip
}

func (p place) write(dir string) error {
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return replace(filepath.Join(dir, placeFile), strings.NewReader(string(b)))
}
