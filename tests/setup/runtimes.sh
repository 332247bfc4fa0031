# Sourced by compile.sh and by `npm test`: the pinned Bun and Deno, also where npm did not run install scripts (npm 11
# asks before it does). The platform packages carry the programs; the scripts only move them to where .bin points.

# Whether node_modules holds what package-lock.json names. Compared by content: a fresh checkout makes every file new.
dependencies_current() {
  [ -f node_modules/.package-lock.json ] && node -e '
    const { readFileSync } = require("node:fs");
    const packages = (file) => JSON.parse(readFileSync(file, "utf8")).packages;
    const there = packages("node_modules/.package-lock.json");
    for (const [path, wanted] of Object.entries(packages("package-lock.json"))) {
      if (path === "" || (wanted.optional && there[path] === undefined)) continue;
      if (there[path]?.version !== wanted.version || there[path].integrity !== wanted.integrity) process.exit(1);
    }
  '
}

# Installs what package-lock.json names, when that is not what is there.
install_dependencies() {
  dependencies_current || npm ci --no-audit --no-fund >&2
}

# Prints the path of the first argument that runs.
first_that_runs() {
  for program in "$@"; do
    if [ -x "$program" ] && "$program" --version >/dev/null 2>&1; then
      echo "$program"
      return 0
    fi
  done
  return 1
}

find_bun() {
  first_that_runs node_modules/@oven/bun-*/bin/bun node_modules/@oven/bun-*/bin/bun.exe node_modules/bun/bin/bun.exe
}

find_deno() {
  first_that_runs node_modules/@deno/*/deno node_modules/deno/deno
}

# Makes `bun` and `deno` of node_modules/.bin work, by running the two install scripts where they have not run.
repair_runtimes() {
  if ! node_modules/.bin/bun --version >/dev/null 2>&1; then (cd node_modules/bun && node install.js); fi
  if ! node_modules/.bin/deno --version >/dev/null 2>&1; then (cd node_modules/deno && node install.cjs); fi
}
