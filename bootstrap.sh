#!/usr/bin/env bash
# From a bare Debian 12 to a running taskrun. Safe to run again at any time: it does only what is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
  cat <<'TEXT'
./bootstrap.sh demo       build taskrun and watch it work for a few seconds
./bootstrap.sh test       build everything and run every test; the last line is "N passed, N failed"
./bootstrap.sh install    build a release and install it below PREFIX: ./bootstrap.sh install [PREFIX] (/usr/local)
./bootstrap.sh packages   only install the Debian packages that are missing, `just` and Prometheus
./bootstrap.sh tools      also clang, clang-format and clang-tidy (for .ci/run and `just lint`)

It needs root or sudo only where a package is missing. It builds into build/.
TEXT
}

# What building and testing need. "a|b" is satisfied by either; the first that the archive has is installed.
build_packages=(
  ca-certificates curl g++ meson ninja-build pkg-config python3 ccache
  "libboost1.81-dev|libboost-dev" libexpected-dev libfmt-dev libspdlog-dev nlohmann-json3-dev libcli11-dev libabsl-dev tzdata
  "libcurl4-openssl-dev|libcurl4-gnutls-dev|libcurl4-nss-dev" libsqlite3-dev libpq-dev prometheus-cpp-dev doctest-dev
)
# What only tests need: programs that read what taskrun makes for them.
test_packages=(groff-base zsh fish systemd postgresql strace)
tool_packages=(clang-19 clang-format-19 clang-tidy-19 libclang-rt-19-dev)

is_installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ] || return 1
  # Debian 12's own libboost-dev is older than what we need.
  [ "$1" != libboost-dev ] || dpkg --compare-versions "$(dpkg-query -W -f='${Version}' libboost-dev)" ge 1.81
}

is_satisfied() {
  local alternative
  for alternative in ${1//|/ }; do
    if is_installed "$alternative"; then return 0; fi
  done
  return 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "bootstrap.sh: packages are missing and neither root nor sudo is at hand; as root run: $*" >&2
    return 1
  fi
}

# Installs what is missing of the packages named; calls apt-get only then.
install_packages() {
  local package missing=() chosen=()
  for package in "$@"; do
    is_satisfied "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  echo "bootstrap.sh: installing ${missing[*]}" >&2
  as_root apt-get update -qq >&2
  for package in "${missing[@]}"; do
    chosen+=("$(first_available "$package")")
  done
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${chosen[@]}" >&2
}

first_available() {
  local alternative
  for alternative in ${1//|/ }; do
    if apt-cache show "$alternative" >/dev/null 2>&1; then
      echo "$alternative"
      return
    fi
  done
  echo "${1%%|*}"
}

# `just` is a convenience for people: on PATH, else Debian's package, else the prebuilt binary that an npm package
# holds. Nothing here needs it, so not getting it is only worth a line.
ensure_just() {
  if command -v just >/dev/null || [ -x .tools/just ]; then return 0; fi
  if apt-cache show just >/dev/null 2>&1 && install_packages just; then return 0; fi
  if command -v npm >/dev/null && fetch_just; then
    echo "bootstrap.sh: just is at .tools/just" >&2
  else
    echo "bootstrap.sh: no just here; the justfile's recipes are short enough to type" >&2
  fi
}

fetch_just() {
  local scratch
  mkdir -p .tools
  scratch=$(mktemp -d .tools/just.XXXXXX)
  if (cd "$scratch" && timeout 60 npm pack --silent --fetch-retries=0 rust-just-linux-x64 >/dev/null 2>&1 &&
    tar xzf rust-just-linux-x64-*.tgz package/bin/just) && "$scratch/package/bin/just" --version >/dev/null 2>&1; then
    mv "$scratch/package/bin/just" .tools/just
  fi
  rm -rf "$scratch"
  [ -x .tools/just ]
}

# Tests have Prometheus look at what is scraped. Debian's package would also start a server that listens on every address,
# so of it only the two programs are taken (98 MB): on PATH, else in .tools/.
ensure_prometheus() {
  if has_prometheus; then return 0; fi
  if fetch_prometheus; then
    echo "bootstrap.sh: prometheus and promtool are in .tools/" >&2
  else
    echo "bootstrap.sh: Prometheus is not to be had (package prometheus): metrics_test.py and prometheus_test.py will fail" >&2
  fi
}

has_prometheus() {
  local name
  for name in prometheus promtool; do
    command -v "$name" >/dev/null || [ -x ".tools/$name" ] || return 1
  done
}

fetch_prometheus() {
  local scratch
  mkdir -p .tools
  scratch=$(mktemp -d .tools/prometheus.XXXXXX)
  # As root, apt would download as a user who may not write there.
  if (cd "$scratch" && apt-get -o APT::Sandbox::User=root download -qq prometheus >/dev/null &&
    dpkg-deb --fsys-tarfile prometheus_*.deb | tar x ./usr/bin/prometheus ./usr/bin/promtool) &&
    "$scratch/usr/bin/promtool" --version >/dev/null 2>&1; then
    mv "$scratch/usr/bin/prometheus" "$scratch/usr/bin/promtool" .tools/
  fi
  rm -rf "$scratch"
  has_prometheus
}

packages() {
  install_packages "${build_packages[@]}" "${test_packages[@]}"
  ensure_just
  ensure_prometheus
}

build() {
  [ -f build/build.ninja ] || meson setup build >&2
  ninja -C build -j "${JOBS:-$(nproc)}" "$@" >&2
}

demo() {
  install_packages "${build_packages[@]}"
  build taskrun
  python3 docs/examples/first-steps/follow.py build/taskrun start docs/examples/first-steps/taskrun.json --for 8s
}

# With $DESTDIR, as packagers and the image want it.
install_release() {
  install_packages "${build_packages[@]}"
  if [ -f build-release/build.ninja ]; then
    meson configure build-release --prefix="$1" >&2
  else
    meson setup build-release --buildtype=release --prefix="$1" >&2
  fi
  ninja -C build-release -j "${JOBS:-$(nproc)}" installed >&2
  meson install -C build-release --no-rebuild >&2
}

run_tests() {
  packages
  build
  # Failures are counted below, from what the tests themselves report.
  meson test -C build --no-rebuild --print-errorlogs || true
  python3 tests/support/totals.py build
}

case "${1:-}" in
  packages) packages ;;
  tools) install_packages "${build_packages[@]}" "${test_packages[@]}" "${tool_packages[@]}" ;;
  demo) demo ;;
  install) install_release "${2:-/usr/local}" ;;
  test) run_tests ;;
  '' | help | -h | --help) usage ;;
  *)
    echo "bootstrap.sh: no such command: $1" >&2
    usage >&2
    exit 2
    ;;
esac
