package node

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"jishan/app/backup"
	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/zone"
	"jishan/crdt/store"
)

// A backup is what a machine that burned down needs to be the same device
// again: its key, its settings and its database. Not in it are the writing key
// and its lock, since what is restored is always another incarnation, and the
// operators' PINs. It can be read with the printed recovery key alone.

const (
	backupFolder = "backup" // in the data folder, until another one is chosen
	backupSuffix = ".backup"
	// backupEvery is how old the newest backup may be; it is looked at after
	// backupFirst and then every backupLook.
	backupEvery = 24 * time.Hour
	backupFirst = 10 * time.Minute
	backupLook  = time.Hour
	// backupsKept is how many a device keeps in its folder. It is how long an
	// erased person's key lives on in backups as well: a week.
	backupsKept = 7
	// backupRoom is what must stay free on a disk beside a backup.
	backupRoom = 256 << 20
	// snapshotFile is the database's copy while it is packed, restoreFolder what
	// is being unpacked, restoredFolder what was unpacked whole and is not in its
	// place yet, all in the data folder.
	snapshotFile   = "backup.snapshot"
	restoreFolder  = "restore"
	restoredFolder = "restored"
	// restoredFor is how long the screens say that a backup was restored.
	restoredFor = 7 * 24 * time.Hour
)

type backupRow struct {
	Name  string `json:"name"`
	Made  int64  `json:"made"`  // ms
	Bytes int64  `json:"bytes"` // of the file
}

type backupReply struct {
	Folder  string       `json:"folder"`
	Own     bool         `json:"own"`  // the data folder's own
	Same    bool         `json:"same"` // on the disk of the data, as far as the system tells: lost with it
	Backups []backupRow  `json:"backups"`
	Fault   *fault.Fault `json:"fault,omitempty"` // why the last one was not made
}

type backupFolderRequest struct {
	Path string `json:"path"` // absolute; "" = in the data folder
}

type restoreRequest struct {
	Path string `json:"path"` // of the backup, on this machine
	Key  string `json:"key"`  // the printed recovery key
}

type restoreReply struct {
	Community string `json:"community"` // id
	Made      int64  `json:"made"`      // ms
}

func (n *Node) backupCalls() map[string]handler {
	return map[string]handler{
		"backup.state": in(n, (*community).backups), "backup.now": in(n, (*community).backupNow),
		"backup.folder": in(n, (*community).backupTo), "setup.restore": typed(n.restore),
	}
}

func (c *community) backupDir() (dir string, own bool) {
	if to := c.node.localCopy().BackupTo; to != "" {
		return to, false
	}
	return filepath.Join(c.node.cfg.Data, backupFolder), true
}

// backupPrefix begins the names of this device's backups: several devices may
// use one folder.
func (c *community) backupPrefix() string {
	self := c.node.device.Load().Public()
	return "jishan-" + hex.EncodeToString(self[:4]) + "-"
}

func (c *community) backupName() string {
	return c.backupPrefix() + zone.In(c.node.now()).Format("20060102-150405") + backupSuffix
}

// backups lists what is in the folder, the newest first.
func (c *community) backups(context.Context, none) (out backupReply, err error) {
	out.Folder, out.Own = c.backupDir()
	out.Same = out.Own || sameDisk(out.Folder, c.node.cfg.Data)
	out.Fault = c.backupFault.Load()
	out.Backups, err = listBackups(out.Folder, c.backupPrefix())
	if err != nil {
		out.Fault = fault.Of(fault.New("backup.folder", "folder", out.Folder))
	}
	return out, nil
}

func listBackups(dir, prefix string) ([]backupRow, error) {
	list := []backupRow{}
	files, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return list, nil
	}
	for _, f := range files {
		if !strings.HasPrefix(f.Name(), prefix) || !strings.HasSuffix(f.Name(), backupSuffix) {
			continue
		}
		if info, err := f.Info(); err == nil && info.Mode().IsRegular() {
			list = append(list, backupRow{f.Name(), info.ModTime().UnixMilli(), info.Size()})
		}
	}
	slices.SortFunc(list, func(a, b backupRow) int { return cmp.Compare(b.Name, a.Name) }) // names hold the time
	return list, err
}

// backupTo chooses the folder. Fault: backup.folder{folder} if nothing can be
// written there.
func (c *community) backupTo(ctx context.Context, r backupFolderRequest) (backupReply, error) {
	if r.Path != "" {
		bad := fault.New("backup.folder", "folder", r.Path)
		if !filepath.IsAbs(r.Path) {
			return backupReply{}, bad
		}
		probe, err := os.CreateTemp(r.Path, ".jishan-*")
		if err != nil {
			return backupReply{}, bad
		}
		if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
			return backupReply{}, bad
		}
	}
	if err := c.node.change(func(l *local) { l.BackupTo = r.Path }); err != nil {
		return backupReply{}, err
	}
	c.backupFault.Store(nil)
	return c.backups(ctx, none{})
}

// backupNow makes a backup. Faults: backup.folder{folder}, backup.space{need,
// free, MB}, and what keeps the database from being read.
func (c *community) backupNow(ctx context.Context, _ none) (backupReply, error) {
	err := c.makeBackup(ctx)
	defer c.node.hub.tell("state")
	if err != nil {
		c.backupFault.Store(fault.Of(err))
		return backupReply{}, err
	}
	c.backupFault.Store(nil)
	return c.backups(ctx, none{})
}

func (c *community) makeBackup(ctx context.Context) error {
	c.backupMu.Lock()
	defer c.backupMu.Unlock()
	dir, own := c.backupDir()
	if own {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return errors.Join(fault.New("backup.folder", "folder", dir), err)
		}
	}
	if err := c.roomFor(dir); err != nil {
		return err
	}
	part := "." + c.backupPrefix() + "*.part"
	cut, err := filepath.Glob(filepath.Join(dir, part)) // by a power cut
	if err != nil {
		return err
	}
	for _, name := range cut {
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	opened := false
	err = replaceBy(filepath.Join(dir, c.backupName()), part, func(f *os.File) error {
		opened = true
		return c.writeBackup(ctx, f)
	})
	switch {
	case err != nil && !opened:
		return errors.Join(fault.New("backup.folder", "folder", dir), err)
	case err != nil && c.store.Err() == nil && fault.Of(err).Code == "internal": // the copy could not be written, the database is well
		return errors.Join(fault.New("backup.failed", "folder", dir), err)
	case err != nil:
		return err
	}
	return c.dropOld(dir)
}

// roomFor refuses a backup that would fill a disk: the copy of the database
// lies in the data folder for a moment.
func (c *community) roomFor(dir string) error {
	info, err := os.Stat(filepath.Join(c.node.cfg.Data, databaseFile))
	if err != nil {
		return err
	}
	need := 2*info.Size() + backupRoom
	for _, at := range []string{dir, c.node.cfg.Data} {
		if free := freeSpace(at); free > 0 && free < need { // 0: the system does not say
			return fault.New("backup.space", "need", need>>20, "free", free>>20)
		}
	}
	return nil
}

// dropOld removes all but the newest backups of this device.
func (c *community) dropOld(dir string) error {
	list, err := listBackups(dir, c.backupPrefix())
	if err != nil {
		return err
	}
	for _, b := range list[min(backupsKept, len(list)):] {
		if err := os.Remove(filepath.Join(dir, b.Name)); err != nil {
			return err
		}
	}
	return nil
}

// writeBackup writes what a backup of this device holds. Its caller holds
// backupMu: the copy of the database has one name, so that the next one removes
// what a power cut left.
func (c *community) writeBackup(ctx context.Context, w io.Writer) error {
	snapshot := filepath.Join(c.node.cfg.Data, snapshotFile)
	if err := os.Remove(snapshot); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	defer os.Remove(snapshot)
	if err := c.store.Snapshot(ctx, snapshot); err != nil {
		return storeFault(err)
	}
	return backup.Write(w, c.charter.Recovery(), backup.Manifest{
		Community: c.charter.Community(), Device: deviceText(c.node.device.Load().Public()), Made: c.node.now(),
	}, []backup.Source{
		{Name: govern.DeviceFile, Path: filepath.Join(c.node.cfg.Data, govern.DeviceFile)},
		{Name: settingsFile, Path: localPath(c.node.cfg.Data)},
		{Name: databaseFile, Path: snapshot},
	})
}

// restoredAlarms says for a week that this device is a backup's, and of when.
func (c *community) restoredAlarms(store.Querier, govern.Snapshot) ([]alarm, error) {
	r := c.node.localCopy().Restored
	if r.At == 0 || c.node.now() > r.At+restoredFor.Milliseconds() {
		return nil, nil
	}
	a := c.alarmOf(alarmRestored, c.node.device.Load().Public(), map[string]any{"made": r.Made})
	return []alarm{a}, nil
}

// backupAnew makes a backup for a recovery key that was put in force where the
// old key opens the one that is there.
func (c *community) backupAnew() {
	dir, _ := c.backupDir()
	if list, err := listBackups(dir, c.backupPrefix()); err != nil || len(list) == 0 {
		return
	}
	c.node.wg.Go(func() {
		if _, err := c.backupNow(c.node.ctx, none{}); err != nil && c.node.ctx.Err() == nil {
			c.node.log.Warn("no backup was made for the new recovery key", "err", err.Error())
		}
	})
}

// backupForever sees to it that there is a backup of today, until ctx ends. A
// community of sample data needs none.
func (c *community) backupForever(ctx context.Context) {
	for wait := backupFirst; ; wait = backupLook {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		if !c.backupDue() {
			continue
		}
		if _, err := c.backupNow(ctx, none{}); err != nil && ctx.Err() == nil {
			c.node.log.Warn("no backup was made", "err", err.Error())
		}
	}
}

// backupDue tells whether the newest backup is a day old. A file from a clock
// that was ahead counts as old.
func (c *community) backupDue() bool {
	if c.node.localCopy().Sample || c.store.Err() != nil {
		return false
	}
	dir, _ := c.backupDir()
	list, err := listBackups(dir, c.backupPrefix())
	if err != nil || len(list) == 0 {
		return true
	}
	age := time.Duration(c.node.now()-list[0].Made) * time.Millisecond
	return age < 0 || age >= backupEvery
}

// Restore unpacks a backup into a data folder that holds no community yet.
// Until all of it is there, nothing of it counts; from then on the next start
// finishes what was cut off. Faults: govern.recovery.*, backup.key,
// backup.damaged, backup.newer, setup.done.
func Restore(dir string, r io.Reader, key string, now int64) (backup.Manifest, error) {
	l, err := loadLocal(dir)
	if err == nil && l.Community != "" {
		err = fault.New("setup.done")
	}
	if err != nil {
		return backup.Manifest{}, err
	}
	k, err := govern.ParseRecoveryKey(key)
	if err != nil {
		return backup.Manifest{}, err
	}
	to := filepath.Join(dir, restoreFolder)
	if err := os.RemoveAll(to); err != nil { // of a restore that was cut off
		return backup.Manifest{}, err
	}
	if err := os.Mkdir(to, 0o700); err != nil {
		return backup.Manifest{}, err
	}
	defer os.RemoveAll(to)
	m, err := backup.Read(r, k.Private(), to)
	if err == nil {
		err = wholeBackup(to, m)
	}
	if err == nil {
		err = noteRestored(to, k, m.Made, now)
	}
	if err != nil {
		return m, err
	}
	if err := os.Rename(to, filepath.Join(dir, restoredFolder)); err != nil {
		return m, err
	}
	return m, finishRestore(dir)
}

// noteRestored writes into the settings of a backup when it was made and put
// back, and that its key was typed from the paper.
func noteRestored(dir string, k govern.RecoveryKey, made, now int64) error {
	l, err := loadLocal(dir)
	if err != nil {
		return err
	}
	public := k.Public()
	l.Recovery, l.Restored = hex.EncodeToString(public[:]), restoredLocal{Made: made, At: now}
	return saveLocal(dir, l)
}

// finishRestore removes what a restore left that was cut off while unpacking,
// and moves what one left that was whole: the device's database, key and
// settings must not lie about in a folder that becomes another device's.
func finishRestore(dir string) error {
	if err := os.RemoveAll(filepath.Join(dir, restoreFolder)); err != nil {
		return err
	}
	from := filepath.Join(dir, restoredFolder)
	if _, err := os.Stat(from); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	for _, old := range []string{databaseFile + "-wal", databaseFile + "-shm", databaseFile + "-journal", incarnationFile, lockFile, missingFile, operatorsFile} {
		if err := os.Remove(filepath.Join(dir, old)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for _, name := range []string{databaseFile, govern.DeviceFile, settingsFile} {
		if err := os.Rename(filepath.Join(from, name), filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return os.RemoveAll(from)
}

// wholeBackup checks that a backup is one of a device: what it names is there,
// and its key and settings are those that it names.
func wholeBackup(dir string, m backup.Manifest) error {
	damaged := fault.New("backup.damaged")
	names := []string{}
	for _, f := range m.Files {
		names = append(names, f.Name)
	}
	if slices.Sort(names); !slices.Equal(names, slices.Sorted(slices.Values([]string{govern.DeviceFile, settingsFile, databaseFile}))) {
		return damaged
	}
	l, err := loadLocal(dir)
	if err != nil {
		return err
	}
	device, err := govern.LoadOrCreateDevice(dir, bytes.NewReader(nil))
	if err != nil {
		return errors.Join(damaged, err)
	}
	if l.Community != m.Community || l.Community == "" || deviceText(device.Public()) != m.Device {
		return damaged
	}
	return nil
}

// restore makes this device the one of a backup.
func (n *Node) restore(ctx context.Context, r restoreRequest) (restoreReply, error) {
	n.setup.Lock()
	defer n.setup.Unlock()
	if err := n.mustBeNew(); err != nil {
		return restoreReply{}, err
	}
	if !filepath.IsAbs(r.Path) {
		return restoreReply{}, fault.New("backup.missing", "file", r.Path)
	}
	f, err := os.Open(r.Path)
	if err != nil {
		return restoreReply{}, fault.New("backup.missing", "file", r.Path)
	}
	defer f.Close()
	m, err := Restore(n.cfg.Data, f, r.Key, n.now())
	if err != nil {
		return restoreReply{}, err
	}
	l, device, err := whose(n.cfg)
	if err != nil {
		return restoreReply{}, err
	}
	n.device.Store(device)
	n.mu.Lock()
	n.local = l
	n.mu.Unlock()
	return restoreReply{m.Community, m.Made}, n.enter(ctx, l.Community)
}
