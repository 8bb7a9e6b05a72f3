package node

import (
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/crdt/store"
)

// A database belongs to the keys beside it. One of another community or of another
// device, put into this folder by mistake, is refused before anything is written:
// writing on in it would give this device's name to what another one did, and a
// merchant's folder the people's names.

// Look tells whether the database of a data folder is the one that belongs there.
// Faults: data.foreign, data.swapped, data.lost, and those of the folder's other files.
func Look(dir string, q store.Querier) error {
	l, err := loadLocal(dir)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, govern.DeviceFile)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	device, err := govern.LoadOrCreateDevice(dir, nil)
	if err != nil {
		return deviceFault(err)
	}
	if l.Community == "" {
		return nil
	}
	return belongs(q, l.Community, device.Public(), true)
}

// belongs refuses a database that is not this device's, or, where it lives in the
// community already, one without the community's charter.
func belongs(q store.Querier, community string, device [32]byte, lives bool) error {
	prepared, err := store.Prepared(q)
	if err != nil {
		return err
	}
	if !prepared { // a new one, or the log was lost before anything of it was in the database
		return lostLog(lives)
	}
	first, err := store.First(q)
	if err != nil {
		return err
	}
	if first != "" && !strings.HasPrefix(string(first), community+".") {
		return fault.New("data.foreign", "file", databaseFile)
	}
	owner, known, err := ownerOf(q)
	if err != nil {
		return err
	}
	if known && owner != device {
		return fault.New("data.swapped", "file", databaseFile)
	}
	charter, err := store.HoldsAny(q, community+".*/gov/*")
	if err != nil || charter {
		return err
	}
	return lostLog(lives)
}

func lostLog(lives bool) error {
	if !lives {
		return nil
	}
	return fault.New("data.lost", "file", databaseFile+"-wal")
}

// ownerOf is the device that wrote in a database last: it left its key there, or,
// before there was a table for it, the certificate of what it wrote as.
func ownerOf(q store.Querier) (device [32]byte, known bool, err error) {
	var table int
	if err := q.QueryRow(`SELECT count(*) FROM sqlite_master WHERE name = 'local_owner'`).Scan(&table); err != nil {
		return device, false, err
	}
	var b []byte
	if table > 0 {
		err := q.QueryRow(`SELECT device FROM local_owner`).Scan(&b)
		if err == nil && len(b) == len(device) {
			return [32]byte(b), true, nil
		}
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return device, false, err
		}
	}
	last, ok, err := store.WroteLast(q)
	if err != nil || !ok {
		return device, false, err
	}
	cert, err := store.Certificate(q, last)
	if err != nil || cert == nil {
		return device, false, err
	}
	return cert.Device, true, nil
}
