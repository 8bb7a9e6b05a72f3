package govern

import (
	"encoding/hex"
	"strconv"
)

// Settings about cards. The amount stands as a text, because a setting without
// text and with the number 0 means the default.
const (
	keyCardProof  = "card-proof"  // points above which a redemption needs proof of the holder
	keyCardPepper = "card-pepper" // hex: the secret beside a card's PIN that stands on no card
)

// Limits and defaults of card proof.
const (
	// DefaultCardProof is about a bottle of oil: what a stolen card can take
	// without a word.
	DefaultCardProof = 50
	// MaxCardProof is more than anybody redeems at once.
	MaxCardProof = 1_000_000
)

// CardProof is how many points may be redeemed in a day before the holder is
// to be proven, by PIN or by the keeper's word; 0 asks for it never.
func (r Settings) CardProof() int64 {
	n, err := strconv.ParseInt(r.Other[keyCardProof].Text, 10, 64)
	if err != nil || n < 0 || n > MaxCardProof {
		return DefaultCardProof
	}
	return n
}

// CardProofSetting makes the setting.
func CardProofSetting(points int64) Setting {
	return Setting{Key: keyCardProof, Text: strconv.FormatInt(points, 10)}
}

// CardPepper is the community's secret under which PINs of cards are checked:
// every device reads it, no card holds it. False until the registrar has drawn
// one.
func (r Settings) CardPepper() (out [32]byte, ok bool) {
	b, err := hex.DecodeString(r.Other[keyCardPepper].Text)
	if err != nil || len(b) != len(out) {
		return out, false
	}
	return [32]byte(b), true
}

// CardPepperSetting makes the setting. It is written once: under another pepper
// no PIN fits.
func CardPepperSetting(pepper [32]byte) Setting {
	return Setting{Key: keyCardPepper, Text: hex.EncodeToString(pepper[:])}
}
