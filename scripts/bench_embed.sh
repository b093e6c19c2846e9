#!/usr/bin/env bash
# The embedder beside its peers, HTTP beside the same work in process, and searches beside ingest;
# writes the table and the chart into docs/BENCHMARKS.md. Called by `make bench-embed`, which has
# built the daemon and the benchmark, fetched the model and unpacked the data.
#
# The first run installs the peers and builds llama.cpp, some fifteen minutes; a run takes twenty. Give
# the machine nothing else to do. ARGUMENTS go to Benchmarks/bench_embed.py, which says what they are:
#
#   make bench-embed ARGUMENTS="--engines ragd-int8"    that engine anew, the others as measured
#   make bench-embed ARGUMENTS=--resume                 what an interrupted run has left
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/bench_python.sh

work=.build/bench/embed
model=models/all-MiniLM-L6-v2
cranfield=${RAGD_CRANFIELD:-.build/data/cranfield}
threads=$(nproc)
read -ra arguments <<<"${ARGUMENTS:-}"
mkdir -p "$work"
bench_python venv-embed numpy onnx onnxruntime openvino sentencepiece tokenizers torch transformers

if [ ! -f .build/bench/llama/version.json ]; then
    echo "bench: building llama.cpp's server, once; see .build/bench/llama.log"
    if ! scripts/build_llama.sh "$python" "$model" .build/bench/llama >.build/bench/llama.log 2>&1; then
        echo "bench: it could not be built, so llama.cpp is left out"
    fi
fi

precisions=(f32)
mixed=f32
if .build/release/ragd serve --help | grep -q -e --precision; then
    precisions=(f32 bf16 int8)
    mixed=int8
fi

# With ARGUMENTS, what was measured beside the engines is kept.
[ "${#arguments[@]}" -gt 0 ] || rm -f "$work"/{tokenizers,http,mixed}.json

common=(--model "$model" --cranfield "$cranfield")

# Runs Benchmarks/SCRIPT unless the work folder has its results already. When it fails, its lines are
# missing in the table, and the rest is measured all the same.
beside() {
    local script=$1 results=$work/$2.json
    shift 2
    [ ! -f "$results" ] || return 0
    echo "== $script"
    "$python" "Benchmarks/$script" "$@" --output "$results" || echo "bench: $script failed" >&2
}

beside compare_tokenizers.py tokenizers --model "$model" --corpora "$cranfield/corpus.jsonl"
beside http_embed.py http "${common[@]}" --threads "$threads" --precisions "${precisions[@]}"
beside http_mixed.py mixed "${common[@]}" --precision "$mixed"
echo "== bench_embed.py"
"$python" Benchmarks/bench_embed.py "${common[@]}" --threads "$threads" "${arguments[@]}"
