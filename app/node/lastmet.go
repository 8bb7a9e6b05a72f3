package node

import (
	"context"

	"jishan/crdt/store"
)

// met is when and how a device was met last, for screens. It is not the moment
// up to which two devices are known to agree (local_peer), by which rights are
// judged: a link may have been up without agreement.
type met struct {
	at  int64
	via string
}

// met is the latest moment at which this link is known to have been good.
func (t *talk) met() met {
	return met{max(t.Stats().InSyncAt, t.peer.Since.UnixMilli()), via(t.peer.Addr)}
}

// part remembers when a link was good last, in the moment in which it is no
// longer on line: what a screen showed does not go back. Under mu.
func (m *mesh) part(t *talk) {
	if now := t.met(); now.at >= m.parted[t.peer.Pub].at {
		m.parted[t.peer.Pub] = now
	}
}

// keepMet writes it down for the next start. Only a moment that a clock set
// right has left in the future gives way to an earlier one.
func (m *mesh) keepMet(device [32]byte, last met) error {
	return m.c.store.Update(context.Background(), store.Author{}, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO local_met (device, at, via) VALUES (?1, ?2, ?3) ON CONFLICT (device) DO UPDATE SET via = excluded.via,
			at = CASE WHEN at > excluded.at + ?4 THEN excluded.at ELSE max(at, excluded.at) END`, device[:], last.at, last.via, farBack.Milliseconds())
		return err
	})
}

// lastMet tells when each device was met last: on a link that is up or has
// ended, at the last agreement, or before the last start.
func (c *community) lastMet(q store.Querier, known map[[32]byte]held, online map[[32]byte]*talk) (map[[32]byte]met, error) {
	rows, err := q.Query(`SELECT device, at, via FROM local_met`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[[32]byte]met{}
	later := func(device [32]byte, m met) {
		if m.at > out[device].at {
			out[device] = m
		}
	}
	for rows.Next() {
		var device []byte
		var m met
		if err := rows.Scan(&device, &m.at, &m.via); err != nil {
			return nil, err
		}
		if len(device) == 32 {
			later([32]byte(device), m)
		}
	}
	for device, h := range known {
		later(device, met{h.at, h.via})
	}
	for device, t := range online {
		later(device, t.met())
	}
	c.mesh.mu.Lock()
	defer c.mesh.mu.Unlock()
	for device, m := range c.mesh.parted {
		later(device, m)
	}
	return out, rows.Err()
}
