package store

import (
	"errors"
	"io/fs"
	"os"
)

// private makes the database's files readable by their owner only, whatever
// the folder allows: SQLite gives the files beside the database the mode that
// the database has, and would create that one as the user's mask says.
// A file that belongs to somebody else stays as it is.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		return f.Close()
	}
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	for _, name := range []string{path, path + "-wal", path + "-shm", path + ".inuse"} {
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm()&0o077 == 0 {
			continue
		}
		if err := os.Chmod(name, 0o600); err != nil && !errors.Is(err, fs.ErrPermission) {
			return err
		}
	}
	return nil
}
