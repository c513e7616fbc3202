#!/usr/bin/env bash
# One door to everything: ./build.sh [build|test|demo|bench|conformance|tiny-chat|format] [arguments]
# Installs what is missing (Debian), finds out whether the real ML.NET packages can be had, builds, runs.
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
configuration=${CONFIGURATION:-Release}
mode_file=artifacts/build-mode.props
packages=(libtorch-dev libopenblas0-openmp g++ cmake)

main() {
  local command=${1:-build}
  [ $# -gt 0 ] && shift
  case "$command" in
    build) prepare; compile MLNet.Dpo.sln ;;
    test) prepare; run_tests "$@" ;;
    demo) prepare; run samples/QuickStart QuickStart "$@" ;;
    tiny-chat) prepare; run samples/TinyChat TinyChat "$@" ;;
    conformance) prepare; run tests/Conformance MLNet.Dpo.Conformance "$@" ;;
    bench) prepare; install python3-torch; run benchmarks MLNet.Dpo.Benchmarks "$@" ;;
    format) prepare; dotnet restore MLNet.Dpo.sln -v q; dotnet format MLNet.Dpo.sln --verify-no-changes --no-restore ;;
    *) echo "usage: ./build.sh [build|test|demo|bench|conformance|tiny-chat|format] [arguments]" >&2; exit 2 ;;
  esac
}

# Everything that a build needs, once; afterwards a check of a few files.
prepare() {
  choose_mode
  if grep -q '<UsePolyfills>true' "$mode_file"; then
    [ -n "${LIBTORCH:-}" ] && install g++ cmake || install "${packages[@]}"
    build_native
  fi
}

install() {
  local missing=()
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  echo "build: installing ${missing[*]}"
  local sudo=; [ "$(id -u)" -eq 0 ] || sudo=sudo
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# The real packages where a restore finds them, the polyfills elsewhere. UsePolyfills=true or false in the environment decides by hand.
choose_mode() {
  mkdir -p artifacts
  local polyfills=${UsePolyfills:-} why
  if [ -n "$polyfills" ]; then why="as UsePolyfills=$polyfills asks"
  elif [ -f "$mode_file" ]; then sed -n 's/^<!-- \(.*\) -->$/\1/p' "$mode_file"; return
  elif dotnet restore src/MLNet.Dpo/MLNet.Dpo.csproj -p:UsePolyfills=false -v q >artifacts/restore.log 2>&1; then polyfills=false why="the package feed has them"
  else polyfills=true why="the package feed lacks $(grep -oE "NU110[0-9].*" artifacts/restore.log | grep -oE "Microsoft\.ML[A-Za-z.]*|TorchSharp[a-z-]*" | sort -u | paste -sd, | sed 's/,/, /g')"
  fi
  local line="build: the real ML.NET and TorchSharp packages, because $why"
  [ "$polyfills" = true ] && line="build: in-repo stand-ins for ML.NET and TorchSharp over Debian's libtorch, because $why"
  printf '<Project>\n<!-- %s -->\n<PropertyGroup><UsePolyfills>%s</UsePolyfills></PropertyGroup>\n</Project>\n' "$line" "$polyfills" >"$mode_file"
  echo "$line"
}

build_native() {
  local native=artifacts/native/libTorchSharpPolyfill.so source=src/Polyfills/TorchSharp/native
  if [ ! -f "$native" ] || [ "$source/torch_dispatch.cpp" -nt "$native" ] || [ "$source/build.sh" -nt "$native" ]; then
    bash "$source/build.sh" "$PWD/$native"
  fi
}

compile() {
  dotnet build "$1" -c "$configuration" -v q -clp:"NoSummary;ErrorsOnly"
}

# run FOLDER ASSEMBLY [--] arguments: builds one program, then runs it from where the caller stands.
run() {
  local folder=$1 assembly=$2
  shift 2
  [ "${1:-}" = -- ] && shift
  compile "$folder"
  "$folder/bin/$configuration/net10.0/$assembly" "$@"
}

# Tests of all projects, and a last line with the totals.
run_tests() {
  local results=artifacts/test-results status=0
  rm -rf "$results"
  compile MLNet.Dpo.sln
  for project in tests/MLNet.Dpo.Tests tests/Polyfills.Tests; do
    # The tests' models are so small that a second thread only waits for the first.
    OMP_NUM_THREADS=1 dotnet test "$project" -c "$configuration" --no-build --logger "trx;LogFileName=$(basename "$project").trx" --results-directory "$results" -v q "$@" || status=1
  done
  totals "$results"/*.trx
  return $status
}

totals() {
  awk '
    function value(name) { return match($0, " " name "=\"[0-9]+\"") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) + 0 : 0 }
    /<Counters / { total += value("total"); executed += value("executed"); passed += value("passed"); failed += value("failed") + value("error") + value("timeout") + value("aborted") }
    END { printf "%d passed, %d failed, %d skipped\n", passed, failed, total - executed }' "$@"
}

main "$@"
