package boot

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"jishan/app/terminal"
)

// inUseFile is locked while a process works in the data folder; it holds the
// number of that process. The database has a lock of its own: this one comes
// before the log and the window.
const inUseFile = "jishan.inuse"

// databaseFile is there once a data folder has been used.
const databaseFile = "jishan.db"

// defaultData is the platform's folder for a program's data.
func defaultData() (string, error) {
	switch runtime.GOOS {
	case "windows":
		if d := os.Getenv("LOCALAPPDATA"); d != "" {
			return filepath.Join(d, "jishan"), nil
		}
	case "darwin", "ios":
		home, err := os.UserHomeDir()
		return filepath.Join(home, "Library", "Application Support", "jishan"), err
	default:
		if d := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(d) {
			return filepath.Join(d, "jishan"), nil
		}
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no home folder (%w): name a data folder with --data", err)
	}
	return filepath.Join(home, ".local", "share", "jishan"), nil
}

func dataHint() string {
	d, err := defaultData()
	if err != nil {
		return "the platform's"
	}
	return d
}

// folder is a locked data folder.
type folder struct {
	dir  string
	lock *os.File
}

// busyFolder says which process works in a data folder.
type busyFolder struct{ dir, process string }

func (b busyFolder) Error() string {
	who := "another process"
	if b.process != "" {
		who = "process " + b.process
	}
	return fmt.Sprintf("%s works in %s: close that one first, or name another folder with --data", who, b.dir)
}

// usable is the full name of a folder. SQLite reads what is behind a question
// mark as settings.
func usable(dir string) (string, error) {
	if strings.ContainsRune(dir, '?') {
		return "", fmt.Errorf("%s can't be a data folder: its name holds a question mark", terminal.Line(dir))
	}
	return filepath.Abs(dir)
}

// newFolder makes the data folder if need be, for its owner only, and locks it.
func newFolder(dir string) (*folder, error) {
	dir, err := usable(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return lockFolder(dir)
}

// oldFolder locks a data folder that must hold data.
func oldFolder(dir string) (*folder, error) {
	dir, err := usable(dir)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(dir, databaseFile)); errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("there is no Jishan data in %s", dir)
	} else if err != nil {
		return nil, err
	}
	return lockFolder(dir)
}

func lockFolder(dir string) (*folder, error) {
	f, err := os.OpenFile(filepath.Join(dir, inUseFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	taken, err := lockFile(f)
	if err == nil && !taken {
		err = busyFolder{dir, holder(f)}
	}
	if err == nil {
		err = sign(f)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &folder{dir, f}, nil
}

// holder reads the process number that the owner left; it is a hint only.
func holder(f *os.File) string {
	b, err := io.ReadAll(io.LimitReader(f, 20))
	text := strings.TrimSpace(string(b))
	if err != nil || strings.Trim(text, "0123456789") != "" {
		return ""
	}
	return text
}

func sign(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0)
	return err
}

// close gives the folder back. The file stays: removing it would let two
// processes hold locks on two files of the same name.
func (f *folder) close() error { return f.lock.Close() }
