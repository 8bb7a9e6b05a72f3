package govern

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"filippo.io/age"
)

// DeviceFile is the name of the file with the device's secrets in the data
// folder. Backups must leave it out.
const DeviceFile = "device.key"

const (
	deviceVersion = 1
	deviceMode    = 0o600
	deviceLimit   = 4096 // bytes: ten times what version 1 needs
)

// ErrNewerDevice says that the secrets were written by a newer program.
var ErrNewerDevice = errors.New("govern: device.key was written by a newer version")

// Device is what makes this machine a device of the community: the key that is
// its name on the network, and the key that opens the community key.
type Device struct {
	Private  ed25519.PrivateKey
	Identity *age.X25519Identity
}

// Public returns the device id: its Ed25519 public key.
func (d *Device) Public() [32]byte { return [32]byte(d.Private.Public().(ed25519.PublicKey)) }

// Recipient returns the age recipient text ("age1...") for wrapping the
// community key to this device.
func (d *Device) Recipient() string { return d.Identity.Recipient().String() }

type deviceSecrets struct {
	Version int    `json:"version"`
	Seed    []byte `json:"seed"`
	Age     string `json:"age"`
}

// LoadOrCreateDevice reads the secrets in the folder dir, or makes them with
// mode 0600. rand gives the Ed25519 seed; age draws its own randomness.
// Errors: ErrNewerDevice, or the file is damaged (it is never replaced: the
// community knows this device by it).
func LoadOrCreateDevice(dir string, rand io.Reader) (*Device, error) {
	path := filepath.Join(dir, DeviceFile)
	d, err := loadDevice(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return d, err
	}
	return createDevice(path, rand)
}

func loadDevice(path string) (*Device, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, deviceLimit))
	if err != nil {
		return nil, err
	}
	var s deviceSecrets
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, fmt.Errorf("govern: %s is damaged: %w", DeviceFile, err)
	}
	return s.device()
}

func (s deviceSecrets) device() (*Device, error) {
	if s.Version > deviceVersion {
		return nil, ErrNewerDevice
	}
	if s.Version != deviceVersion || len(s.Seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("govern: %s is damaged", DeviceFile)
	}
	id, err := age.ParseX25519Identity(s.Age)
	if err != nil {
		return nil, fmt.Errorf("govern: %s is damaged: %w", DeviceFile, err)
	}
	return &Device{Private: ed25519.NewKeyFromSeed(s.Seed), Identity: id}, nil
}

func createDevice(path string, rand io.Reader) (*Device, error) {
	s := deviceSecrets{Version: deviceVersion, Seed: make([]byte, ed25519.SeedSize)}
	if _, err := io.ReadFull(rand, s.Seed); err != nil {
		return nil, err
	}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, err
	}
	s.Age = id.String()
	raw, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	if err := writeOnce(path, raw); err != nil {
		return nil, err
	}
	return s.device()
}

// writeOnce creates the file with all its bytes on the disk, or not at all: a
// half written key file would cost the device its place in the community.
func writeOnce(path string, raw []byte) error {
	tmp := path + ".new"
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, deviceMode)
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	return nil
}
