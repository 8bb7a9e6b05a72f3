package node

import (
	"errors"
	"fmt"
	"syscall"
	"testing"

	"jishan/app/fault"
	"jishan/crdt/store"
)

func TestAFullDiskIsNamed(t *testing.T) {
	for want, cause := range map[string]error{
		"data.full":    syscall.ENOSPC,
		"data.stopped": syscall.EIO,
	} {
		if got := fault.Of(storeFault(fmt.Errorf("%w: %w", store.ErrStopped, cause))).Code; got != want {
			t.Errorf("%v is told as %s, want %s", cause, got, want)
		}
	}
	sqlite := errors.New("database or disk is full (13)")
	if got := fault.Of(storeFault(fmt.Errorf("%w: %w", store.ErrStopped, sqlite))).Code; got != "data.full" {
		t.Error(got)
	}
}
