package people_test

import (
	"fmt"
	"testing"

	"jishan/app/people"
	"jishan/crdt/store"
)

// BenchmarkErase destroys the keys of one person among 10,000.
func BenchmarkErase(b *testing.B) {
	w := newWorld(b, 1)
	o := w.office()
	const many = 10_000
	o.Must(func(tx *store.Tx) error {
		for i := range many {
			thing := people.ID{1, byte(i), byte(i >> 8)}
			if _, err := o.SealThing(tx, thing, "note", "一句话"); err != nil {
				return err
			}
		}
		return nil
	})
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		id := o.register(people.NewPerson{Name: "李四", Phone: fmt.Sprintf("137%08d", i)}).ID
		b.StartTimer()
		if err := o.Erase(ctx, "op", id); err != nil {
			b.Fatal(err)
		}
	}
}
