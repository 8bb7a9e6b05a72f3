package activity

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"jishan/app/fault"
	"jishan/app/govern"
)

// CheckInCode is the rotating code that the organiser's screen shows.
type CheckInCode struct {
	Text  string `json:"text"`
	Short string `json:"short"` // six digits to type where nothing can be scanned
	URL   string `json:"url"`
	SVG   string `json:"svg"`
	Left  int64  `json:"left"` // seconds until the next code
}

const (
	// codeWindow is how long a code is shown, in milliseconds. A picture sent
	// to somebody at home is too old before it is opened.
	codeWindow = 30_000
	// codeGrace is how many windows before or after the present one pass: the
	// scan takes a moment, and two clocks of one hall differ a little.
	codeGrace = 1
	// codePrefix names the format and its version.
	codePrefix = "jsq1"
	// secretSize is the size of an activity's secret in bytes.
	secretSize = 32
	// macSize is how much of the HMAC stands in a code, in bytes: a code lives
	// for a minute and is checked by a device that counts wrong ones.
	macSize = 10
)

var macText = base32.HexEncoding.WithPadding(base32.NoPadding)

// codeAt returns the code's text of the window that ms lies in: prefix,
// activity, window, MAC, joined by dots. ASCII only, so scanner guns type it
// through any input method.
func codeAt(secret []byte, activity string, ms int64) string {
	w := ms / codeWindow
	return fmt.Sprintf("%s.%s.%s.%s", codePrefix, activity, strconv.FormatInt(w, 36), codeMAC(secret, activity, w))
}

func codeMAC(secret []byte, activity string, window int64) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("jishan check-in 1\x00" + activity + "\x00"))
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(window))
	mac.Write(n[:])
	return strings.ToLower(macText.EncodeToString(mac.Sum(nil)[:macSize]))
}

// shortOf are six digits that stand for the code of a window. They name no
// activity: they are tried on those that run now.
func shortOf(secret []byte, activity string, window int64) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("jishan check-in digits 1\x00" + activity + "\x00"))
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(window))
	mac.Write(n[:])
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(mac.Sum(nil))%1_000_000)
}

// isShort says whether text is six digits.
func isShort(text string) bool { return len(text) == 6 && strings.Trim(text, "0123456789") == "" }

// code is a check-in code taken apart.
type code struct {
	activity string
	window   int64
	mac      string
}

// IsCode says whether text looks like a check-in code, from the screen or as
// the address that the code opens.
func IsCode(text string) bool {
	_, err := parseCode(text)
	return err == nil
}

// parseCode reads a code, also as the last part of an address. Fault:
// activity.code.bad.
func parseCode(text string) (code, error) {
	bad := fault.New("activity.code.bad")
	text = strings.TrimSpace(text)
	if len(text) > 400 {
		return code{}, bad
	}
	if i := strings.LastIndexAny(text, "/=#?"); i >= 0 {
		text = text[i+1:]
	}
	parts := strings.Split(strings.ToLower(text), ".")
	if len(parts) != 4 || parts[0] != codePrefix || !govern.IsID(parts[1]) {
		return code{}, bad
	}
	w, err := strconv.ParseInt(parts[2], 36, 64)
	if err != nil || w < 0 {
		return code{}, bad
	}
	return code{parts[1], w, parts[3]}, nil
}

// check says whether the code is the activity's and of now. Faults:
// activity.code.bad, activity.code.old.
func (c code) check(secret []byte, now int64) error {
	if len(secret) != secretSize || !hmac.Equal([]byte(c.mac), []byte(codeMAC(secret, c.activity, c.window))) {
		return fault.New("activity.code.bad")
	}
	if d := now/codeWindow - c.window; d > codeGrace || d < -codeGrace {
		return fault.New("activity.code.old")
	}
	return nil
}
