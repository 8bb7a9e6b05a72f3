package govern

// keyAsk holds days; unset is the default.
const keyAsk = "ask-days"

const (
	// DefaultAsk is for how many days a claim that was sent back waits for its claimant:
	// two visits of who comes to the station once a week.
	DefaultAsk = 14
	// MaxAsk bounds it: a season later nobody remembers the deed.
	MaxAsk = 90
)

// AskDays is for how many days a claim waits from now on; a question that was asked keeps its own.
func (r Settings) AskDays() int64 {
	if n := r.Other[keyAsk].Num; n >= 1 && n <= MaxAsk {
		return n
	}
	return DefaultAsk
}

// AskSetting says for how many days, 1 to MaxAsk.
func AskSetting(days int64) Setting { return Setting{Key: keyAsk, Num: days} }
