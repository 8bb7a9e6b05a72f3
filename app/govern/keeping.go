package govern

// keyKeeping holds days; unset is the default.
const keyKeeping = "reserve-days"

const (
	// DefaultKeeping is how long a shop keeps goods that somebody reserved: until
	// the same day of the next week.
	DefaultKeeping = 7
	// MaxKeeping bounds it: what is kept for a season is not for sale.
	MaxKeeping = 90
)

// Keeping is for how many days goods that somebody reserved stay set aside.
func (r Settings) Keeping() int64 {
	if n := r.Other[keyKeeping].Num; n >= 1 && n <= MaxKeeping {
		return n
	}
	return DefaultKeeping
}

// KeepingSetting says for how many days, 1 to MaxKeeping, goods stay set aside.
func KeepingSetting(days int64) Setting { return Setting{Key: keyKeeping, Num: days} }
