package photo

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png" // what screens and phones send

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // the same

	"jishan/app/fault"
)

// Sizes of a picture.
const (
	// MaxFile bounds what is sent, in bytes: a telephone's camera makes 3 to 8 MB.
	MaxFile = 12 << 20
	// FromDesk bounds what is unpacked of a desk's picture, in pixels: 200 MB of memory,
	// for a moment. FromPhone is for pages, which send what they have made small.
	FromDesk  = 50_000_000
	FromPhone = 4_000_000
	// side is the longer side of a picture that is kept, in pixels: who looks at it
	// reads a number plate or a form on it.
	side    = 1280
	quality = 80
)

// Shrink makes what is kept of a picture: a JPEG of at most side pixels without what the
// camera wrote beside it (where, when, which camera). most bounds its pixels. Faults:
// photo.none for what is no picture of a kind that is known here, photo.large{pixels, limit}.
func Shrink(file []byte, most int64) ([]byte, error) {
	return shrink(file, most, side, MaxBytes-overhead)
}

// shrink makes a JPEG of at most so many pixels on its longer side and so many bytes.
func shrink(file []byte, most int64, side, limit int) ([]byte, error) {
	head, _, err := image.DecodeConfig(bytes.NewReader(file))
	if err != nil || head.Width < 1 || head.Height < 1 {
		return nil, fault.New("photo.none")
	}
	if n := int64(head.Width) * int64(head.Height); n > most || len(file) > MaxFile {
		return nil, fault.New("photo.large", "pixels", n, "limit", most)
	}
	from, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, fault.New("photo.none")
	}
	for q, at := quality, fit(from.Bounds(), side); q >= 35; q, at = q-15, fit(at, max(at.Dx(), at.Dy())*3/4) {
		to := image.NewRGBA(at)
		draw.Draw(to, at, image.NewUniform(color.White), image.Point{}, draw.Src) // behind what is transparent
		draw.ApproxBiLinear.Scale(to, at, from, from.Bounds(), draw.Over, nil)
		var out bytes.Buffer
		if err := jpeg.Encode(&out, to, &jpeg.Options{Quality: q}); err != nil {
			return nil, err
		}
		if out.Len() <= limit {
			return out.Bytes(), nil
		}
	}
	return nil, errors.New("photo: it does not become small enough")
}

// fit is the bounds of a picture whose longer side is at most so many pixels.
func fit(r image.Rectangle, most int) image.Rectangle {
	w, h := r.Dx(), r.Dy()
	if longer := max(w, h); longer > most {
		w, h = max(1, w*most/longer), max(1, h*most/longer)
	}
	return image.Rect(0, 0, w, h)
}
