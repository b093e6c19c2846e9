# Sourced by the scripts that need a running daemon: starts one on a free port and stops it when the
# script ends, however it ends.
#
#   . scripts/daemon.sh
#   start_daemon DATA-FOLDER      sets $url

ragd=${RAGD:-.build/release/ragd}
daemon_pid=
daemon_log=$(mktemp "${TMPDIR:-/tmp}/ragd-log.XXXXXX")

stop_daemon() {
    if [ -n "$daemon_pid" ]; then
        kill -TERM "$daemon_pid" 2>/dev/null || true
        wait "$daemon_pid" 2>/dev/null || true
        daemon_pid=
    fi
    rm -f "$daemon_log"
}
trap stop_daemon EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

start_daemon() {
    "$ragd" serve --data "$1" --models "${MODELS:-models}" --listen 127.0.0.1:0 2>"$daemon_log" &
    daemon_pid=$!
    local tries
    for tries in $(seq 600); do
        url=$(sed -nE 's|.*listening on (http://[^ ]+).*|\1|p' "$daemon_log" | head -n 1)
        [ -z "$url" ] || return 0
        if ! kill -0 "$daemon_pid" 2>/dev/null; then
            break
        fi
        sleep 0.1
    done
    echo "the daemon did not start; it said:" >&2
    cat "$daemon_log" >&2
    return 1
}
