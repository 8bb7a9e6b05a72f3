package boot

import (
	"context"

	"jishan/app/bench"
	"jishan/app/demo"
)

func runDemo(ctx context.Context, s streams, args []string) int {
	return demo.Run(ctx, args, s.out, s.err)
}

func runBench(ctx context.Context, s streams, args []string) int {
	return bench.Run(ctx, args, s.out, s.err)
}
