#!/bin/sh
# Builds the single executable. Needs npm (with its node) and nothing else; installs the pinned dependencies itself.
#
#   ./compile.sh                                     dist/fogcast for this machine
#   ./compile.sh linux-x64 linux-arm64-musl …        dist/fogcast-TARGET for each; `all` for every target
#
# Every src/app/workers/*.ts becomes a worker entry point; the page, the player's library and the demo clip are embedded.
set -eu
cd "$(dirname "$0")"

ALL="linux-x64 linux-arm64 linux-x64-musl linux-arm64-musl"
STAGE=dist/build

fail() {
  echo "compile.sh: $*" >&2
  exit 1
}

. tests/setup/runtimes.sh
install_dependencies
BUN=$(find_bun) || fail "the Bun of package-lock.json does not run on this machine"
VERSION=$("$BUN" --version)

# Lays the assets out under their names, bundled scripts too, and writes an entry point that embeds each as a file.
stage_assets() {
  rm -rf "$STAGE/assets" "$STAGE/embed.ts"
  mkdir -p "$STAGE"
  "$BUN" -e '
    import { mkdirSync, writeFileSync } from "node:fs";
    import { dirname } from "node:path";
    import { ASSET_STAGE, sourceAssets } from "./src/host/assets.ts";
    const lines = [];
    for (const [name, read] of sourceAssets()) {
      mkdirSync(dirname(`${ASSET_STAGE}/${name}`), { recursive: true });
      writeFileSync(`${ASSET_STAGE}/${name}`, read());
      lines.push(`import f${lines.length} from "./assets/${name}" with { type: "file" };`);
    }
    lines.push(`export default [${lines.map((_, i) => `f${i}`)}];`);
    writeFileSync("dist/build/embed.ts", lines.join("\n"));
  '
}

# The runtime to build upon, from its npm package, checked against the hash in package-lock.json.
runtime_of() { # TARGET
  case $1 in
    linux-x64) package=bun-linux-x64 ;;
    linux-arm64) package=bun-linux-aarch64 ;;
    linux-x64-musl) package=bun-linux-x64-musl ;;
    linux-arm64-musl) package=bun-linux-aarch64-musl ;;
    *) fail "unknown target $1; there are: $ALL" ;;
  esac
  folder=$STAGE/runtime/$package-$VERSION
  if [ ! -x "$folder/bun" ]; then
    mkdir -p "$folder"
    npm pack --silent --pack-destination "$folder" "@oven/$package@$VERSION" >/dev/null
    node -e '
      const { readFileSync } = require("node:fs");
      const { createHash } = require("node:crypto");
      const [file, name] = process.argv.slice(1);
      const { integrity } = JSON.parse(readFileSync("package-lock.json", "utf8")).packages[`node_modules/${name}`];
      const found = "sha512-" + createHash("sha512").update(readFileSync(file)).digest("base64");
      if (found !== integrity) throw new Error(`${name}: expected ${integrity}, found ${found}`);
    ' "$folder"/*.tgz "@oven/$package"
    tar -xzf "$folder"/*.tgz -C "$folder" --strip-components=2 package/bin/bun
    rm -f "$folder"/*.tgz
    chmod +x "$folder/bun"
  fi
  RUNTIME=$folder/bun
}

# Fails unless every worker and asset is in the binary, under the path by which the running program asks for it.
verify() { # BINARY
  for worker in src/app/workers/*.ts; do
    grep -aqF "bunfs/root/${worker%.ts}.js" "$1" || fail "$1 lacks the worker $worker"
  done
  (cd "$STAGE/assets" && find . -type f) | while read -r asset; do
    grep -aqF "bunfs/root/$STAGE/assets/${asset#./}" "$1" || fail "$1 lacks the asset ${asset#./}"
  done
}

build() { # OUTPUT [TARGET]
  # embed.ts is an entry point only so that its files are embedded; nothing runs it
  set -- "$1" "${2:-}" src/app/main.ts src/app/workers/*.ts "$STAGE/embed.ts"
  output=$1 target=$2
  shift 2
  [ -f src/app/main.ts ] || fail "src/app/main.ts is missing"
  rm -f "$output"
  if [ -n "$target" ]; then
    runtime_of "$target"
    set -- "$@" "--target=bun-$target" "--compile-executable-path=$RUNTIME"
  fi
  "$BUN" build --compile $BUILD_FLAGS --define FOGCAST_COMPILED=true \
    --root . --asset-naming '[dir]/[name].[ext]' --outfile "$output" "$@" >"$STAGE/log" 2>&1 || {
    cat "$STAGE/log" >&2
    fail "cannot build $output"
  }
  rm -f "${output%/*}"/*.map # Bun leaves them beside the binary, which has them inside
  verify "$output"
  sha256=$(node -e 'console.log(require("crypto").createHash("sha256").update(require("fs").readFileSync(process.argv[1])).digest("hex"))' "$output")
  echo "$output  $(($(wc -c <"$output") / 1048576)) MiB  sha256 $sha256"
}

# Median of 10 starts of `fogcast --version`, x86-64, 2 cores: plain 26.7 ms, minified 26.5, with bytecode 11.3, for 4 MiB
# more. The source map (1 MiB) is read only when a stack is printed, and gives it the names and lines of the sources.
# The main thread compiles its own start later (src/host/jit.ts): 53 ms to listening instead of 61–68, 4 MB less with
# the guardian. Split, a thread has only the functions of what it runs: another 5 MB, and 4 MiB of the file.
BUILD_FLAGS=${BUILD_FLAGS:---minify --bytecode --format=esm --sourcemap=inline --compile-jit-policy=30 --splitting}
stage_assets
if [ $# -eq 0 ]; then
  build dist/fogcast
  ./dist/fogcast --version >/dev/null || fail "dist/fogcast does not start"
else
  [ "$*" = all ] && set -- $ALL
  for target in "$@"; do
    build "dist/fogcast-$target" "$target"
  done
fi
