#!/usr/bin/env bash
# Ranking quality on the Cranfield collection, measured through a running daemon by `ragd eval`.
# Called by `make eval`, which has built the daemon, fetched the model and unpacked the data.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/daemon.sh

data=$(mktemp -d "${TMPDIR:-/tmp}/ragd-eval.XXXXXX")
trap 'stop_daemon; rm -rf "$data"' EXIT

start_daemon "$data"
"$ragd" eval "${RAGD_CRANFIELD:-.build/data/cranfield}" --collection cranfield --url "$url"
