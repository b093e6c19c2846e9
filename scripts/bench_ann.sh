#!/usr/bin/env bash
# The vector index beside hnswlib. Called by `make bench-ann`, which has built the benchmark and
# fetched the model.
#
# The first run embeds 104,000 passages, which takes about half an hour; they stay in .build/bench.
# RAGD_BENCH_VECTORS names a folder that has base.f32 and queries.f32 already.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/bench_python.sh

work=.build/bench
vectors=${RAGD_BENCH_VECTORS:-$work/vectors}
bench_python venv-ann hnswlib numpy tokenizers torch transformers

if [ ! -f "$vectors/base.f32" ]; then
    echo "bench: making 104,000 passages and their vectors, once"
    python3 scripts/make_passages.py --output "$work/texts"
    "$python" scripts/make_vectors.py --model models/all-MiniLM-L6-v2 \
        --passages "$work/texts/passages.jsonl" --output "$vectors"
fi

echo "== $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores, $(date -u +%F), $(git rev-parse --short HEAD)"
"$python" Benchmarks/compare_hnswlib.py --benchmark .build/release/VectorBenchmark \
    --base "$vectors/base.f32" --queries "$vectors/queries.f32"
