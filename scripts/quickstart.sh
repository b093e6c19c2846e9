#!/usr/bin/env bash
# The first ten minutes with ragd, in one run: start the daemon, ingest a folder, ask a question, stop.
# Called by `make quickstart`, which has built the daemon and fetched the model.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/daemon.sh

documents=${DOCS:-docs}
question=${Q:-What does kill -9 lose?}
data=${DATA:-ragd-data}
collection=quickstart

step() { printf '\n==> %s\n' "$*"; }

step "starting the daemon (data in $data, free port)"
start_daemon "$data"
echo "$url"

step "ingesting $documents"
"$ragd" ingest "$documents" --collection "$collection" --url "$url"

step "asking: $question"
"$ragd" search "$question" --collection "$collection" --url "$url"

step "stopping the daemon"
stop_daemon

serve="make serve"
[ "$data" = ragd-data ] || serve="make serve DATA=$data"

cat <<END

The documents stay in $data. To go on:

  $serve
      serve them on http://127.0.0.1:7711; then, in another terminal:
  $ragd search "your question" --collection $collection
  $ragd ingest FOLDER --collection NAME
  make quickstart DOCS=FOLDER Q="your question"
      the same tour over a folder of your own

docs/API.md lists the HTTP routes, docs/OPERATING.md the settings.
END
