package seal

import (
	"errors"
	"os"
	"syscall"
)

// syncData waits until what the file holds is on the disk. Its times need not
// be: a file system that journals those would make every other sync wait.
func syncData(f *os.File) error {
	c, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = c.Control(func(fd uintptr) {
		for {
			if failed = syscall.Fdatasync(int(fd)); !errors.Is(failed, syscall.EINTR) {
				return
			}
		}
	})
	return errors.Join(err, failed)
}
