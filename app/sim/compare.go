package sim

import (
	"context"
	"io"
)

func compare(ctx context.Context, o options, stdout, stderr io.Writer) (bool, error) {
	return false, nil
}
