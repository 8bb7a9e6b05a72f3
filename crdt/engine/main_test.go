package engine_test

import (
	"os"
	"testing"

	"jishan/crdt/engine"
)

func TestMain(m *testing.M) {
	engine.RunChildIfAsked()
	os.Exit(m.Run())
}
