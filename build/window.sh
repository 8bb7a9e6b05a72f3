#!/bin/sh
# Opens the real window over the sample community on a display of its own, waits
# until its page has rendered, takes a picture, closes the window in order, and
# checks all of it.
# usage: build/window.sh PROGRAM PICTURE
set -eu
if [ "${1:-}" != --inside ]; then
	exec xvfb-run -a -s "-screen 0 1280x800x24 -nolisten tcp" sh "$0" --inside "$@"
fi
program=$2 picture=$3
data=$(mktemp -d)
trap 'rm -rf "$data"' EXIT
node "$(dirname "$0")/sample.mjs" "$program" "$data/jishan" || { echo "window: the sample could not be made" >&2; exit 1; }
openbox >/dev/null 2>&1 &
wm=$!
HOME=$data XDG_DATA_HOME=$data/xdg XDG_CONFIG_HOME=$data/xdg XDG_CACHE_HOME=$data/xdg \
	"$program" --data "$data/jishan" --p2p 127.0.0.1:0 --phone off --lan=off >"$data/out" 2>&1 &
app=$!
trap 'kill $wm $app 2>/dev/null || true; rm -rf "$data"' EXIT
fail() { echo "window: $*" >&2; cat "$data/out" >&2; exit 1; }

colours() { # how many colours the middle of the screen has, where the page is
	/usr/bin/import -window root -silent "$picture" 2>/dev/null || { echo 0; return; }
	/usr/bin/convert "$picture" -gravity center -crop 900x560+0+0 -format %k info: 2>/dev/null || echo 0
}

# Blank windows have a handful of colours, a page with text some hundred. Two
# like pictures in a row: it has come to rest.
last=-1 rest=0 tries=0
while [ $tries -lt 120 ]; do
	kill -0 $app 2>/dev/null || fail "the program ended early"
	now=$(colours)
	if [ "$now" -gt 64 ] && [ "$now" = "$last" ]; then rest=1; break; fi
	last=$now tries=$((tries + 1))
	sleep 0.5
done
[ $rest = 1 ] || fail "the page did not render: $last colours after 60 s, see $picture"

kill -TERM $app
tries=0
while kill -0 $app 2>/dev/null; do
	tries=$((tries + 1))
	[ $tries -lt 100 ] || fail "the program did not stop within 20 s"
	sleep 0.2
done
wait $app || fail "the program ended with code $?"
[ -s "$data/jishan/window.json" ] || fail "the window's place was not remembered"
echo "window: $last colours, $picture"
