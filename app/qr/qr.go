// Package qr draws QR codes as SVG, for screens and for print.
//
// It must never know what a code says.
package qr

import (
	"fmt"
	"strings"

	qrcode "github.com/skip2/go-qrcode"
)

// Levels of error correction: how much of a code may be dirty.
const (
	Low    = qrcode.Low    // 7 %: long texts on a screen
	Medium = qrcode.Medium // 15 %: cards, codes on a wall
)

// SVG draws text as a QR code of one path, a unit per module, with the quiet
// border that scanners need.
func SVG(text string, level qrcode.RecoveryLevel) (string, error) {
	code, err := qrcode.New(text, level)
	if err != nil {
		return "", err
	}
	modules := code.Bitmap()
	var path strings.Builder
	for y, row := range modules {
		for x := 0; x < len(row); x++ {
			if !row[x] {
				continue
			}
			from := x
			for x < len(row) && row[x] {
				x++
			}
			fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
		}
	}
	n := len(modules)
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges"><rect width="%d" height="%d" fill="#fff"/><path d="%s" fill="#000"/></svg>`, n, n, n, n, path.String()), nil
}
