#!/usr/bin/env bash
# The speed benchmarks, each beside its peer. Called by `make bench`, which has built the benchmarks,
# fetched the model and unpacked the data.
#
# The first run makes an environment with the peers (Python packages) and embeds 104,000 passages,
# which takes about half an hour; both stay in .build/bench. RAGD_BENCH_VECTORS names a folder that
# has base.f32 and queries.f32 already, RAGD_BENCH_PYTHON a Python that has the packages.
set -euo pipefail
cd "$(dirname "$0")/.."

work=.build/bench
python=${RAGD_BENCH_PYTHON:-$work/venv/bin/python}
vectors=${RAGD_BENCH_VECTORS:-$work/vectors}
mkdir -p "$work"

if [ ! -x "$python" ]; then
    scripts/setup.sh python3-venv python3-dev g++
    echo "bench: installing the peers into $work/venv"
    python3 -m venv "$work/venv.partial"
    "$work/venv.partial/bin/python" -m pip install --quiet --disable-pip-version-check \
        hnswlib numpy onnx onnxruntime tokenizers torch transformers
    mv "$work/venv.partial" "$work/venv"
fi

if [ ! -f "$vectors/base.f32" ]; then
    echo "bench: making 104,000 passages and their vectors, once"
    python3 scripts/make_passages.py --output "$work/texts"
    "$python" scripts/make_vectors.py --model models/all-MiniLM-L6-v2 \
        --passages "$work/texts/passages.jsonl" --output "$vectors"
fi

echo "== $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores, $(date -u +%F), $(git rev-parse --short HEAD)"

echo "== embedding: the encoder beside ONNX Runtime, on Cranfield"
.build/release/EmbedderBenchmark models/all-MiniLM-L6-v2 "$RAGD_CRANFIELD/corpus.jsonl" "$(nproc)"
"$python" Benchmarks/onnx_embedder.py models/all-MiniLM-L6-v2 "$RAGD_CRANFIELD/corpus.jsonl" "$(nproc)"

echo "== vectors: the graph beside hnswlib"
"$python" Benchmarks/compare_hnswlib.py --benchmark .build/release/VectorBenchmark \
    --base "$vectors/base.f32" --queries "$vectors/queries.f32"
