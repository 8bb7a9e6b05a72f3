package coded

import (
	"errors"
	"strings"
)

// alphabet is that of RFC 9285: it fills a QR code's alphanumeric mode, three
// characters for two bytes, 5.5 bits each, where base64 in byte mode needs 8.
const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

var errBase45 = errors.New("coded: not base45")

// Base45 returns b as text of the alphabet.
func Base45(b []byte) string {
	var out strings.Builder
	for ; len(b) >= 2; b = b[2:] {
		n := int(b[0])<<8 | int(b[1])
		out.WriteByte(alphabet[n%45])
		out.WriteByte(alphabet[n/45%45])
		out.WriteByte(alphabet[n/2025])
	}
	if len(b) == 1 {
		out.WriteByte(alphabet[b[0]%45])
		out.WriteByte(alphabet[b[0]/45])
	}
	return out.String()
}

// FromBase45 reads what Base45 wrote and nothing else.
func FromBase45(s string) ([]byte, error) {
	if len(s)%3 == 1 {
		return nil, errBase45
	}
	out := make([]byte, 0, len(s)/3*2+1)
	for len(s) > 0 {
		part := s[:min(3, len(s))]
		s = s[len(part):]
		n, weight := 0, 1
		for i := range len(part) {
			d := strings.IndexByte(alphabet, part[i])
			if d < 0 {
				return nil, errBase45
			}
			n += d * weight
			weight *= 45
		}
		if n > 0xffff || len(part) == 2 && n > 0xff {
			return nil, errBase45
		}
		if len(part) == 3 {
			out = append(out, byte(n>>8))
		}
		out = append(out, byte(n))
	}
	return out, nil
}
