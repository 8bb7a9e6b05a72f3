package boot

import (
	"context"

	"jishan/app/sim"
)

// runSim plays whole communities in one process and looks for broken promises.
func runSim(ctx context.Context, s streams, args []string) int {
	return sim.Run(ctx, args, s.out, s.err)
}
