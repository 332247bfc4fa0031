#!/bin/sh
# Proves the arm64 binary: builds it, starts the demo under qemu-user, fetches the page and a playlist, stops it.
# Not part of the gate. Needs Debian's qemu-user-static and libc6-arm64-cross (installed when root), and curl.
#
#   tests/arm64_qemu.sh [BINARY]     BINARY instead of building dist/fogcast-linux-arm64
set -eu
cd "$(dirname "$0")/.."

fail() {
  echo "FAIL: $*" >&2
  exit 1
}

if ! command -v qemu-aarch64-static >/dev/null || [ ! -e /usr/aarch64-linux-gnu/lib/libc.so.6 ]; then
  [ "$(id -u)" = 0 ] || fail "needs qemu-user-static and libc6-arm64-cross"
  apt-get -q update >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=600 install --no-install-recommends \
    qemu-user-static libc6-arm64-cross >/dev/null
fi

binary=${1:-dist/fogcast-linux-arm64}
[ $# -gt 0 ] || ./compile.sh linux-arm64

# ELF, e_machine 183: AArch64
[ "$(od -An -tu2 -j18 -N2 "$binary" | tr -d ' ')" = 183 ] || fail "$binary is not for arm64"

arm64() {
  qemu-aarch64-static -L /usr/aarch64-linux-gnu "$@"
}

arm64 "$binary" --version

work=$(mktemp -d)
qemu-aarch64-static -L /usr/aarch64-linux-gnu "$binary" demo --port 0 >"$work/log" 2>&1 &
server=$!
trap 'kill -9 $server 2>/dev/null || true; rm -rf "$work"' EXIT

url=
for _ in $(seq 150); do
  url=$(grep -oE 'http://[^ ]+' "$work/log" | head -n 1) && [ -n "$url" ] && break
  kill -0 $server 2>/dev/null || { cat "$work/log"; fail "ended before it listened"; }
  sleep 0.2
done
[ -n "$url" ] || { cat "$work/log"; fail "did not listen within 30 s"; }

curl -fsS -o "$work/page" "$url" && grep -qi '<html' "$work/page" || fail "no page at $url"
curl -fsS -o "$work/hls.js" "${url}hls.js" && [ -s "$work/hls.js" ] || fail "no hls.js"
for _ in $(seq 150); do
  playlist=$(curl -fsS "${url}hls/demo/index.m3u8" 2>/dev/null) && break
  sleep 0.2
done
echo "$playlist" | grep -q '#EXT-X-STREAM-INF' || { cat "$work/log"; fail "no playlist of the demo stream"; }
kill -TERM $server
wait $server || fail "ended with $? on SIGTERM"
echo "ok: $binary serves $url under qemu"
