package node

import (
	"maps"
	"testing"
)

// TestADeedThatWaitsIsClaimed: what needs a review or a notice can't be recorded as
// if it needed none, whatever screen or program asks.
func TestADeedThatWaitsIsClaimed(t *testing.T) {
	office := found(t)
	id := office.must("people.register", person("王五", "13900000001"))["id"]
	items := office.must("scheme.get", object{})["items"].([]any)
	var code any
	for _, x := range items {
		if x := x.(object); x["kind"] == "time" && code == nil {
			code, x["witness"] = x["code"], false
		}
	}
	deed := object{"person": id, "item": code, "at": office.now() - 3_600_000, "minutes": 60, "note": "", "witness": "", "line": ""}
	for field, value := range map[string]any{"review": true, "notice": 3, "lead": true} {
		changed := make([]any, len(items))
		for i, x := range items {
			one := maps.Clone(x.(object))
			if one["code"] == code {
				one[field] = value
			}
			changed[i] = one
		}
		office.must("scheme.save", object{"items": changed})
		office.refuses("deed.claim", "deed.record", deed)
	}
	office.must("scheme.save", object{"items": items})
	office.must("deed.record", deed)
}
