#!/bin/sh
# Prints the build tags that this machine can take; with "cgo", 1 or 0.
set -eu
cc=0
command -v "${CC:-gcc}" >/dev/null 2>&1 && cc=1
tags=
if [ "$cc" = 1 ] && [ "$(uname -s)" = Linux ] && command -v pkg-config >/dev/null 2>&1 && pkg-config --exists gtk+-3.0; then
	if pkg-config --exists webkit2gtk-4.1; then
		tags=desktop,production,webkit2_41
	elif pkg-config --exists webkit2gtk-4.0; then # Debian 11, Kylin V10
		tags=desktop,production
	fi
elif [ "$(uname -s)" = Darwin ]; then
	tags=desktop,production
fi
[ "${1:-}" = cgo ] && echo "$cc" || echo "$tags"
