//go:build !(desktop || bindings || dev)

package desktop

import "context"

// Available: this build has no window.
const Available = false

// Run says that there is no window in this build.
func Run(context.Context, Config) error { return ErrNoWindow }
