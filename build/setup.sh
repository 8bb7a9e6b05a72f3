#!/bin/sh
# Installs what is missing on Debian: "base" for the program in a browser,
# "window" for its own window, "test" for all tests. Says what to do where it
# can't.
set -eu
need_base="gcc libc6-dev"
need_window="$need_base pkg-config libgtk-3-dev libwebkit2gtk-4.1-dev fonts-noto-cjk"
need_test="$need_window xvfb xauth dbus-x11 openbox imagemagick chromium iproute2 strace"

case "${1:-base}" in
base) need=$need_base ;;
window) need=$need_window ;;
test) need=$need_test ;;
*) echo "usage: build/setup.sh base|window|test" >&2; exit 2 ;;
esac

for tool in go node npm; do
	command -v $tool >/dev/null 2>&1 || { echo "$tool is needed: Go 1.26 and Node 20 or newer must be installed" >&2; exit 1; }
done

command -v dpkg-query >/dev/null 2>&1 || exit 0 # no Debian: what is there must do
missing=
for p in $need; do
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || missing="$missing $p"
done
[ -z "$missing" ] && exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
	echo "not installed:$missing" >&2
	echo "as root: apt-get install --no-install-recommends$missing" >&2
	[ "${1:-base}" = test ] && exit 1
	exit 0 # the build takes what is there and says what is left out
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
# A busy package lock is waited for. The first try does without fresh lists.
apt="apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0"
# shellcheck disable=SC2086
$apt install -y --no-install-recommends $missing >/dev/null 2>&1 </dev/null || {
	$apt update </dev/null
	$apt install -y --no-install-recommends $missing >/dev/null </dev/null
}
