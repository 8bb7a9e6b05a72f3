package govern

import (
	"slices"
	"strings"
)

// Keys of the settings that this program knows.
const (
	keyName        = "name"            // of the community, if renamed
	keyParent      = "parent"          // street, district, city
	keyStationWord = "word.station"    // 实践站, 兑换点 ...
	keyUnitFen     = "unit-fen"        // worth of one point in fen
	keyBonus       = "bonus"           // points on registration
	keyExposure    = "exposure"        // points that may rest at one till
	keySuccession  = "succession-wait" // minutes
	keyGrid        = "grid/"           // + id: a grid's name; empty = removed
	keyPlace       = "place/"          // + id: a place's name
	keyLevel       = "level"           // street, district: an office above communities; unset: a community
)

// Defaults of policy.
const (
	defaultBonus = 10 // points, requirements.md
	// defaultExposure is where facts.md finds 98 % of redemptions accepted at
	// 95 % of devices online; a community may lower it.
	defaultExposure = 1000
	// defaultSuccessionWait is how long a feed that has ended waits for devices
	// that may hold more of it, minutes: a working day, so that most have been
	// switched on once. Nobody waits when all were heard.
	defaultSuccessionWait = 24 * 60
)

// Grid is a part of the community where people live.
type Grid struct{ ID, Name string }

// Settings are the settings of the community under one head, with defaults.
type Settings struct {
	Name           string
	Parent         string
	StationWord    string // "" = the screen's own word, in its language
	UnitFen        int64
	Bonus          int64
	Exposure       int64
	SuccessionWait int64  // minutes
	Site           Site   // where the community lies
	Level          string // "" a community; street, district: an office above communities, which reads their reports
	Grids          []Grid
	Places         map[string]string  // place id -> name
	Other          map[string]Setting // what this program does not know
}

func (s *state) rules(at Point) Settings {
	r := Settings{Bonus: defaultBonus, Exposure: defaultExposure, SuccessionWait: defaultSuccessionWait, Places: map[string]string{}, Other: map[string]Setting{}}
	if s.genesis != nil {
		r.Name, r.Parent = s.genesis.Name, s.genesis.Parent
	}
	for _, d := range s.settings {
		if s.within(d.At, at) {
			r.apply(d.Entry)
		}
	}
	return r
}

func (r *Settings) apply(s Setting) {
	unset := s.Text == "" && s.Num == 0
	switch s.Key {
	case keyName:
		r.Name = s.Text
	case keyParent:
		r.Parent = s.Text
	case keyStationWord:
		r.StationWord = s.Text
	case keyUnitFen:
		r.UnitFen = s.Num
	case keyBonus:
		r.Bonus = s.Num
	case keyExposure:
		r.Exposure = s.Num
	case keyLevel:
		r.Level = s.Text
	case keyStreet:
		r.Site.Street = s.Text
	case keyDistrict:
		r.Site.District = s.Text
	case keyCity:
		r.Site.City = s.Text
	case keySuccession:
		if r.SuccessionWait = s.Num; unset {
			r.SuccessionWait = defaultSuccessionWait
		}
	default:
		r.applyNamed(s, unset)
	}
}

func (r *Settings) applyNamed(s Setting, unset bool) {
	if id, ok := strings.CutPrefix(s.Key, keyPlace); ok {
		r.Places[id] = s.Text
		return
	}
	id, ok := strings.CutPrefix(s.Key, keyGrid)
	if !ok {
		r.Other[s.Key] = s
		return
	}
	i := slices.IndexFunc(r.Grids, func(g Grid) bool { return g.ID == id })
	switch {
	case i >= 0 && unset:
		r.Grids = slices.Delete(r.Grids, i, i+1)
	case i >= 0:
		r.Grids[i].Name = s.Text
	case !unset:
		r.Grids = append(r.Grids, Grid{id, s.Text})
	}
}

// GridSetting names a grid, or renames it; the empty name removes it.
func GridSetting(id, name string) Setting { return Setting{Key: keyGrid + id, Text: name} }

// Settings that are one text or one number.
func StationWordSetting(word string) Setting { return Setting{Key: keyStationWord, Text: word} }
func UnitFenSetting(fen int64) Setting       { return Setting{Key: keyUnitFen, Num: fen} }
func BonusSetting(points int64) Setting      { return Setting{Key: keyBonus, Num: points} }

// SuccessionWaitSetting says for how many minutes a feed that has ended waits
// for devices that may hold more of it; 0 is the default.
func SuccessionWaitSetting(minutes int64) Setting {
	return Setting{Key: keySuccession, Num: minutes}
}
func ExposureSetting(points int64) Setting { return Setting{Key: keyExposure, Num: points} }
