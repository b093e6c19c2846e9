#!/usr/bin/env bash
# A whole collection, database and index: written, opened, searched, and written once more. Called by
# `make bench-store`, which has built the daemon and the benchmark and fetched the model.
#
# COUNT (100,000) chunks, with their vectors in memory and on disk. The vectors are those of `make bench-ann`,
# and, where COUNT is more, others near them.
set -euo pipefail
cd "$(dirname "$0")/.."

count=${COUNT:-100000}
work=.build/bench
vectors=${RAGD_BENCH_VECTORS:-$work/vectors}
benchmark=.build/release/StoreBenchmark

if [ ! -f "$vectors/base.f32" ]; then
    . scripts/bench_python.sh
    bench_python venv-ann numpy
    echo "bench: making 204,000 passages and their vectors, once"
    python3 scripts/make_passages.py --output "$work/texts"
    "$python" Benchmarks/make_vectors.py --passages "$work/texts/passages.jsonl" --output "$vectors"
fi

for place in memory disk; do
    data=$work/store-$place
    rm -rf "$data"
    echo "== $count chunks, vectors: $place"
    "$benchmark" fill "$data" "$vectors/base.f32" "$count" "$place"
    "$benchmark" open "$data" "$vectors/queries.f32"
    "$benchmark" churn "$data" "$vectors/queries.f32"
    rm -rf "$data"
done
