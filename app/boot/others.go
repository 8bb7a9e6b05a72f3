package boot

import (
	"context"

	"jishan/app/demo"
)

func runDemo(ctx context.Context, s streams, args []string) int {
	return demo.Run(ctx, args, s.out, s.err)
}
