#!/usr/bin/env bash
# Finds or installs libtorch and leaves `.libtorch/current`, a link to the folder with its
# `include` and `lib`. An explicit LIBTORCH wins; otherwise the pinned PyPI wheel `torch` is
# installed into `.libtorch/wheel`, once.
set -euo pipefail
version=2.13.0  # the one place that pins libtorch
root=$(cd "$(dirname "$0")/.." && pwd)
home="$root/.libtorch"
mkdir -p "$home"

fail() { echo "libtorch: $*" >&2; exit 1; }

if [ -n "${LIBTORCH:-}" ]; then
  torch=$(cd "$LIBTORCH" 2>/dev/null && pwd) || fail "LIBTORCH=$LIBTORCH is not a folder"
else
  torch="$home/wheel/torch"
  if [ ! -f "$home/wheel/.complete-$version" ]; then
    command -v python3 >/dev/null || fail "python3 with pip is needed to fetch torch==$version"
    python3 -m pip --version >/dev/null 2>&1 || fail "python3 has no pip (Debian: python3-pip)"
    echo "libtorch: installing torch==$version into .libtorch/wheel" >&2
    rm -rf "$home/wheel" "$home/partial"
    python3 -m pip install --quiet --disable-pip-version-check --no-deps --no-compile \
      --target "$home/partial" "torch==$version" || fail "pip could not install torch==$version"
    # A CUDA wheel's libtorch needs NVIDIA's libraries even where there is no GPU.
    if [ -f "$home/partial/torch/lib/libtorch_cuda.so" ]; then
      sed -n 's/^Requires-Dist: \(\(nvidia\|cuda\)-[^;]*\).*/\1/p' \
        "$home/partial"/torch-*.dist-info/METADATA >"$home/nvidia.txt"
      python3 -m pip install --quiet --disable-pip-version-check --no-compile \
        --target "$home/partial" --requirement "$home/nvidia.txt" ||
        fail "pip could not install the NVIDIA libraries of torch==$version"
    fi
    mv "$home/partial" "$home/wheel"
    touch "$home/wheel/.complete-$version"
  fi
fi

[ -f "$torch/include/torch/csrc/api/include/torch/torch.h" ] ||
  fail "$torch has no include/torch/csrc/api/include/torch/torch.h"
{ [ -f "$torch/lib/libtorch_cpu.so" ] || [ -f "$torch/lib/libtorch_cpu.dylib" ]; } ||
  fail "$torch has no lib/libtorch_cpu"
if [ "$(readlink "$home/current" 2>/dev/null)" != "$torch" ]; then
  ln -sfn "$torch" "$home/current"
fi
