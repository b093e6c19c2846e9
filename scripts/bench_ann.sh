#!/usr/bin/env bash
# The vector index beside hnswlib, faiss and usearch, then filtered searches of a collection. Called by
# `make bench-ann`, which has built the daemon and the benchmark and fetched the model.
#
# The first run makes and embeds 204,000 passages, which takes about ten minutes; they stay in
# .build/bench. RAGD_BENCH_VECTORS names a folder that has base.f32 and queries.f32 already.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/bench_python.sh

work=.build/bench
vectors=${RAGD_BENCH_VECTORS:-$work/vectors}
bench_python venv-ann faiss-cpu hnswlib numpy usearch

if [ ! -f "$vectors/base.f32" ]; then
    echo "bench: making 204,000 passages and their vectors, once"
    python3 scripts/make_passages.py --output "$work/texts"
    "$python" Benchmarks/make_vectors.py --passages "$work/texts/passages.jsonl" --output "$vectors"
fi

"$python" Benchmarks/bench_ann.py --vectors "$vectors" --threads "$(nproc)"
"$python" Benchmarks/bench_filters.py --vectors "$vectors" --threads "$(nproc)"
