package node

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"

	"jishan/app/fault"
	"jishan/app/govern"
)

// Settings are what this device remembers for itself; nothing of it travels.
type Settings struct {
	Lang        string `json:"lang"`
	Theme       string `json:"theme"`
	Size        int    `json:"size"`   // base text size in px
	Senior      bool   `json:"senior"` // large letters and targets, notices that stay: till, station and first pages
	LAN         bool   `json:"lan"`
	Phone       string `json:"phone"`       // listening address of the phone pages, "" = off
	StationWord string `json:"stationWord"` // "" = the screen's own word, in its language
	UnitFen     int64  `json:"unitFen"`     // worth of one point in fen, 0 = not set
	Sound       bool   `json:"sound"`       // a new wish is heard
	Idle        int    `json:"idle"`        // minutes without a hand on the screen until it locks, 0 = never
}

// local is the settings file: the settings, and what else this device keeps
// about itself outside the documents.
type local struct {
	Version   int       `json:"version"`
	Settings  Settings  `json:"settings"`
	Operator  string    `json:"operator"`
	Sample    bool      `json:"sample"`
	Community string    `json:"community"` // "" until the device belongs to one
	Addresses addresses `json:"addresses"`
	Recovery  string    `json:"recovery,omitempty"` // public half of the recovery key that was typed back from paper here
	BackupTo  string    `json:"backupTo,omitempty"` // folder for backups, "" = in the data folder

	Restored restoredLocal `json:"restored,omitzero"`
}

// restoredLocal says which backup a device was restored from, and when.
type restoredLocal struct {
	Made int64 `json:"made"` // ms
	At   int64 `json:"at"`   // ms
}

// addresses remembers where devices were reached: device id text to
// multiaddresses.
type addresses map[string][]string

// Minutes until a screen that nobody touches locks.
const (
	defaultIdle = 10
	maxIdle     = 8 * 60 // a working day
)

// localVersion is the version of the settings file's format.
const localVersion = 1

func freshLocal() local {
	return local{Version: localVersion, Settings: Settings{Lang: "zh", Theme: "light", Size: 14, LAN: true, Sound: true, Idle: defaultIdle}, Addresses: addresses{}}
}

// whole refuses a folder of a device that belongs to a community and has lost
// its key or its database: going on would make another device of it, which
// waits for ever to be let in. Fault: data.lost{file}.
func (l local) whole(dir string) error {
	if l.Community == "" {
		return nil
	}
	for _, name := range []string{govern.DeviceFile, databaseFile} {
		f, err := os.Stat(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) || err == nil && f.Size() == 0 {
			return fault.New("data.lost", "file", name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

const settingsFile = "settings.json"

func localPath(dir string) string { return filepath.Join(dir, settingsFile) }

func loadLocal(dir string) (local, error) {
	l := freshLocal()
	b, err := os.ReadFile(localPath(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return l, err
	}
	if err := json.Unmarshal(b, &l); err != nil {
		return l, fault.New("data.settings", "file", settingsFile)
	}
	if l.Version > localVersion {
		return l, fault.New("data.newer", "found", l.Version, "known", localVersion)
	}
	if l.Addresses == nil {
		l.Addresses = addresses{}
	}
	return l, nil
}

// saveLocal replaces the settings file in one step, so that a power cut leaves
// the old one or the new one.
func saveLocal(dir string, l local) error {
	b, err := json.MarshalIndent(l, "", " ")
	if err != nil {
		return err
	}
	return replaceFile(localPath(dir), b, 0o600)
}

func replaceFile(path string, b []byte, mode fs.FileMode) error {
	return replaceBy(path, ".new-*", func(f *os.File) error {
		_, err := f.Write(b)
		if err == nil {
			err = f.Chmod(mode)
		}
		return err
	})
}

// replaceBy puts what write writes in the place of a file in one step. Until
// then it lies beside it, under a name after the pattern of os.CreateTemp, with
// mode 0600.
func replaceBy(path, pattern string, write func(*os.File) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), pattern)
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if err = write(f); err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func (s Settings) check() error {
	bad := func(field string) error { return fault.New("settings.bad", "field", field) }
	switch {
	case s.Lang != "zh" && s.Lang != "en":
		return bad("lang")
	case s.Theme != "light" && s.Theme != "dark" && s.Theme != "contrast" && s.Theme != "auto":
		return bad("theme")
	case s.Size != 14 && s.Size != 16 && s.Size != 18 && s.Size != 22 && s.Size != 26 && s.Size != 30:
		return bad("size")
	case len([]rune(s.StationWord)) > 12:
		return bad("stationWord")
	case s.UnitFen < 0 || s.UnitFen > 1_000_00:
		return bad("unitFen")
	case s.Idle < 0 || s.Idle > maxIdle:
		return bad("idle")
	}
	if s.Phone != "" {
		if _, _, err := net.SplitHostPort(s.Phone); err != nil {
			return bad("phone")
		}
	}
	return nil
}
