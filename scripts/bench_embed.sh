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
if [ ! -f "$work/tokenizers.json" ]; then
    "$python" Benchmarks/compare_tokenizers.py --model "$model" \
        --corpora "$cranfield/corpus.jsonl" --output "$work/tokenizers.json"
fi
if [ ! -f "$work/http.json" ]; then
    "$python" Benchmarks/http_embed.py "${common[@]}" --threads "$threads" \
        --precisions "${precisions[@]}" --output "$work/http.json"
fi
if [ ! -f "$work/mixed.json" ]; then
    "$python" Benchmarks/http_mixed.py "${common[@]}" --precision "$mixed" \
        --output "$work/mixed.json"
fi
"$python" Benchmarks/bench_embed.py "${common[@]}" --threads "$threads" "${arguments[@]}"
