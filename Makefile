# The whole interface to this repository. `make help` lists the targets.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# One list of build flags for every target, so that all of them share one set of objects.
# Tests use `package` access, so the code that they run is the code that ships (docs/adr).
SWIFT_FLAGS := -c release
TEST_FLAGS := $(SWIFT_FLAGS) --disable-testable-imports --disable-xctest
RAGD := .build/release/ragd

# A variable given on make's command line reaches the scripts through the environment:
# `make quickstart DOCS=folder Q="question"`.
DATA ?= ragd-data
LISTEN ?= 127.0.0.1:7711

export RAGD_CRANFIELD ?= $(CURDIR)/.build/data/cranfield

.PHONY: help quickstart serve build test test-all lint format eval model data setup clean
.PHONY: bench bench-embed bench-ann bench-store soak

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

quickstart: build model ## set up, build, fetch the model, serve, ingest, ask: the guided tour
	@scripts/quickstart.sh

serve: build model ## serve ragd-data (DATA=) on 127.0.0.1:7711 (LISTEN=) until Ctrl-C
	@exec $(RAGD) serve --data "$(DATA)" --listen "$(LISTEN)"

build: setup ## the daemon, release mode, at .build/release/ragd
	@swift build $(SWIFT_FLAGS) --product ragd

test: build model data ## set up, fetch the model, run the fast tests
	@swift test $(TEST_FLAGS)

test-all: build model data ## the slow tests too: crash runs, 100,000-vector runs
	@RAGD_SLOW_TESTS=1 swift test $(TEST_FLAGS) --skip ScaleTests
	@# By themselves, for they measure the memory of their process.
	@RAGD_SLOW_TESTS=1 swift test $(TEST_FLAGS) --filter ScaleTests

soak: build model data ## five minutes of whatever callers do, every answer and the memory checked
	@python3 Benchmarks/http_soak.py $(ARGUMENTS)

lint: setup ## formatting, and that each target imports only what Package.swift gives it
	@swift format lint --strict --parallel --recursive Package.swift Sources Tests $(wildcard Benchmarks)
	@swift build $(SWIFT_FLAGS) --product ragd --explicit-target-dependency-import-check error

format: ## rewrite the sources in the repository's format
	@swift format format --in-place --parallel --recursive Package.swift Sources Tests $(wildcard Benchmarks)

eval: build model data ## ranking quality on Cranfield, through a running daemon
	@scripts/eval.sh

bench: bench-embed bench-ann ## both of the below

bench-embed: setup model data ## the embedder beside torch, ONNX Runtime, OpenVINO and llama.cpp; writes docs
	@swift build $(SWIFT_FLAGS) --product ragd
	@swift build $(SWIFT_FLAGS) --product EmbedderBenchmark
	@scripts/bench_embed.sh

bench-ann: setup model ## the vector index beside hnswlib, faiss and usearch; writes docs
	@swift build $(SWIFT_FLAGS) --product ragd
	@swift build $(SWIFT_FLAGS) --product VectorBenchmark
	@scripts/bench_ann.sh

bench-store: setup model ## a whole collection (COUNT=): written, opened, searched, written once more
	@swift build $(SWIFT_FLAGS) --product ragd
	@swift build $(SWIFT_FLAGS) --product StoreBenchmark
	@scripts/bench_store.sh

model: setup ## the default embedding model, checked, into models/
	@scripts/fetch_model.sh

CRANFIELD := $(addprefix .build/data/cranfield/,corpus.jsonl queries.jsonl qrels/test.tsv)

data: $(CRANFIELD) ## the committed test data, unpacked into .build/data

.build/data/%.jsonl: Tests/Data/%.jsonl.gz
	@mkdir -p $(@D) && gunzip --stdout $< >$@.partial && mv $@.partial $@

.build/data/%.tsv: Tests/Data/%.tsv
	@mkdir -p $(@D) && cp $< $@

setup: ## install the missing Debian packages
	@scripts/setup.sh

clean: ## remove what was built; models and data stay
	@rm -rf .build
