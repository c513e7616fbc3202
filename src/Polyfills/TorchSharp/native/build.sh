#!/usr/bin/env bash
# Compiles the native half of the TorchSharp polyfill: build.sh OUTPUT.so
# LIBTORCH may name an unpacked libtorch (folder with include/ and lib/); without it, Debian's libtorch-dev is used.
set -euo pipefail
output=$1
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$(dirname "$output")"
flags=()
if [ -n "${LIBTORCH:-}" ]; then
  flags+=(-I"$LIBTORCH/include" -I"$LIBTORCH/include/torch/csrc/api/include" -L"$LIBTORCH/lib" -Wl,-rpath,"$LIBTORCH/lib")
  if [ -e "$LIBTORCH/lib/libtorch_cuda.so" ]; then flags+=(-Wl,--no-as-needed -ltorch_cuda -lc10_cuda); fi
fi
g++ -std=c++17 -O2 -fPIC -shared -w "$here"/*.cpp -o "$output.tmp" "${flags[@]}" -ltorch -ltorch_cpu -lc10
mv "$output.tmp" "$output"
