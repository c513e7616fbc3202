#!/usr/bin/env bash
# A thin door to what dotnet does: ./build.sh [build|test|demo|feedback-loop|role-play|scenarios|small-to-large|tiny-chat|conformance|fuzz|bench|pack|format] [arguments]
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
configuration=${CONFIGURATION:-Release}

main() {
  local command=${1:-build}
  [ $# -gt 0 ] && shift
  case "$command" in
    build) compile MLNet.Dpo.sln ;;
    test) run_tests "$@" ;;
    demo) run samples/QuickStart QuickStart "$@" ;;
    feedback-loop) run samples/FeedbackLoop FeedbackLoop "$@" ;;
    role-play) run samples/RolePlay RolePlay "$@" ;;
    scenarios) run samples/Scenarios Scenarios "$@" ;;
    small-to-large) run samples/SmallToLarge SmallToLarge "$@" ;;
    tiny-chat) run samples/TinyChat TinyChat "$@" ;;
    conformance) run tests/Conformance MLNet.Dpo.Conformance "$@" ;;
    fuzz) run tests/MLNet.Dpo.Fuzz MLNet.Dpo.Fuzz "$@" ;;
    bench) install python3-torch; install libopenblas0-openmp; run benchmarks MLNet.Dpo.Benchmarks "$@" ;;
    pack) pack "$@" ;;
    format) dotnet restore MLNet.Dpo.sln -v q; dotnet format MLNet.Dpo.sln --verify-no-changes --no-restore ;;
    *) echo "usage: ./build.sh [build|test|demo|feedback-loop|role-play|scenarios|small-to-large|tiny-chat|conformance|fuzz|bench|pack|format] [arguments]" >&2; exit 2 ;;
  esac
}

compile() {
  dotnet build "$1" -c "$configuration" -v q -clp:"NoSummary;ErrorsOnly"
}

# run FOLDER ASSEMBLY [--] arguments: builds one program, then runs it.
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
  dotnet test MLNet.Dpo.sln -c "$configuration" --no-build --logger trx --results-directory "$results" -v q "$@" || status=1
  totals "$results"/*.trx
  return $status
}

totals() {
  awk '
    function value(name) { return match($0, " " name "=\"[0-9]+\"") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) + 0 : 0 }
    /<Counters / { total += value("total"); executed += value("executed"); passed += value("passed"); failed += value("failed") + value("error") + value("timeout") + value("aborted") }
    END { printf "%d passed, %d failed, %d skipped\n", passed, failed, total - executed }' "$@"
}

# The packages, for publishing: in artifacts/packages, with no path of this machine in them. Arguments go to dotnet, such as -p:RepositoryUrl=https://...
pack() {
  rm -rf artifacts/packages
  local project
  for project in src/MLNet.Dpo.Text src/MLNet.Dpo src/MLNet.Dpo.Parquet src/MLNet.Dpo.Extensions.AI; do
    dotnet pack "$project" -c "$configuration" -v q -clp:"NoSummary;ErrorsOnly" -p:ContinuousIntegrationBuild=true "$@"
  done
  ls artifacts/packages
}

# What dotnet cannot bring: the Python peer of the benchmarks, and a BLAS without which it would crawl.
install() {
  dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'install ok installed' && return
  echo "build: installing $1"
  local sudo=; [ "$(id -u)" -eq 0 ] || sudo=sudo
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "$1" >/dev/null
}

main "$@"
