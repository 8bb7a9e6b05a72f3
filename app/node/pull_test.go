package node

import (
	"slices"
	"testing"
)

// A till that was told by one who holds all feeds knows that there is no more;
// while some lies where nobody answers, it says where nobody was asked.
func TestPullTellsWhoWasNotAsked(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "桂花实践站")
	merchant := join(t, office, "merchant", "惠民超市")
	pull := func(where *device, id any) (missing []any, here int64) {
		got, err := where.call("till.pull", object{"person": id, "need": 100})
		if err != nil {
			return []any{err.Error()}, 0
		}
		return got["missing"].([]any), number(got["here"])
	}
	id := visitor(t, office, merchant, "居民甲", "13900000001")
	eventually(t, "the till knows that there is no more", func() bool {
		missing, here := pull(merchant, id)
		return len(missing) == 0 && here == 10
	})
	away := visitor(t, office, merchant, "居民乙", "13900000002")
	eventually(t, "the points are at the station", func() bool {
		_, here := pull(station, away)
		return here == 10
	})
	eventually(t, "the till names the station", func() bool {
		missing, here := pull(merchant, away)
		return here == 0 && slices.Equal(missing, []any{"桂花实践站"})
	})
}

// visitor is a person whose card the till has read.
func visitor(t *testing.T, office, till *device, name, phone string) any {
	t.Helper()
	id := office.must("people.register", person(name, phone))["id"]
	card := office.must("people.card", object{"ids": []any{id}})["cards"].([]any)[0].(object)
	till.must("till.scan", object{"text": card["qr"]})
	return id
}
