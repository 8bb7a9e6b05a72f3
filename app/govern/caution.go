package govern

import "strconv"

// keyCaution holds points as a text, because a setting without text and with the
// number 0 means the default.
const keyCaution = "caution"

// Limits and defaults of the cautious start.
const (
	// DefaultCaution is what a till turns over in a day: a device that is cut off
	// is not held up on the first.
	DefaultCaution = 1000
	// MaxCaution bounds nothing any more.
	MaxCaution = 1_000_000
)

// Caution is how many points a device may hand out after it was started until a
// staff device has shown that it knows no more of it; 0: without bound.
func (r Settings) Caution() int64 {
	n, err := strconv.ParseInt(r.Other[keyCaution].Text, 10, 64)
	if err != nil || n < 0 || n > MaxCaution {
		return DefaultCaution
	}
	return n
}

// CautionSetting makes the setting.
func CautionSetting(points int64) Setting {
	return Setting{Key: keyCaution, Text: strconv.FormatInt(points, 10)}
}
