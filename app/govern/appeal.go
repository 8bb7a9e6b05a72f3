package govern

// keyAppeal holds days; unset is the default.
const keyAppeal = "appeal-days"

const (
	// DefaultAppeal is for how many days papers say that an entry may be objected to:
	// a week, so that who comes once a week has had the occasion.
	DefaultAppeal = 7
	// MaxAppeal bounds it: a season later nobody remembers who stood at the counter.
	MaxAppeal = 90
)

// AppealDays is for how many days passbooks and receipts say that an entry may be
// objected to. It is a promise of the community: a correction made later is refused
// nobody, and a deduction's own time to appeal stands in the rulebook.
func (r Settings) AppealDays() int64 {
	if n := r.Other[keyAppeal].Num; n >= 1 && n <= MaxAppeal {
		return n
	}
	return DefaultAppeal
}

// AppealSetting says for how many days, 1 to MaxAppeal.
func AppealSetting(days int64) Setting { return Setting{Key: keyAppeal, Num: days} }
