// Package frontend carries the built screens into the binary.
//
// It holds files only and must never know who serves them: the window
// (app/desktop) and the web shell (app/web) both read Dist. The screens start
// in src/main.ts, the phone pages in src/phone/main.ts.
package frontend

import "embed"

// Dist is the output of "npm run build", rooted one level above the files:
// use fs.Sub(Dist, "dist"). Before the first build it holds only .gitkeep.
//
//go:embed all:dist
var Dist embed.FS
