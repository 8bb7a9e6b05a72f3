package govern

import "jishan/crdt/seal"

// keySold is up to where the office has looked at what a device sold after its book
// was closed: + device id. The number grows with what was sold (node/sold.go); no
// name, no goods.
const keySold = "sold/"

// SoldSeen is the number that was looked at; 0 if nobody has.
func (r Settings) SoldSeen(device [32]byte) int64 {
	return r.Other[keySold+seal.DeviceText(device)].Num
}

// SoldSeenSetting makes the setting.
func SoldSeenSetting(device [32]byte, n int64) Setting {
	return Setting{Key: keySold + seal.DeviceText(device), Num: n}
}
