#!/usr/bin/env bash
# Installs the Debian packages that the build needs and this machine lacks. Says nothing and changes
# nothing when all are there. Further package names may be given as arguments.
set -euo pipefail

packages=(
    git              # SwiftPM fetches the Swift packages with it
    liblz4-dev       # blobs
    libopenblas-dev  # matrix products
    libpcre2-dev     # patterns of tokenizers
    libsqlite3-dev   # the store
    libstemmer-dev   # stems of words, by language
    pkg-config       # SwiftPM asks it where most of the above are
    zlib1g-dev       # HTTP compression inside the networking packages
    "$@"
)
swift_version_min=6.3

swift_version=$({ swift --version 2>/dev/null || true; } | sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p' | head -n 1)
if [ "$(printf '%s\n' "$swift_version_min" "$swift_version" | sort -V | head -n 1)" != "$swift_version_min" ]; then
    echo "setup: Swift $swift_version_min or newer must be on PATH (found: ${swift_version:-none}); see https://www.swift.org/install" >&2
    exit 1
fi

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "setup: not a Debian system; the build needs what these packages hold: ${packages[*]}" >&2
    exit 0
fi

missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing+=("$package")
done
[ "${#missing[@]}" -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "setup: as root, run: apt-get update && apt-get install --yes --no-install-recommends ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi

echo "setup: installing ${missing[*]}"
log=$(mktemp "${TMPDIR:-/tmp}/ragd-setup.XXXXXX")
if ! {
    "${as_root[@]}" apt-get update -qq &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -qq --yes --no-install-recommends "${missing[@]}"
} >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    exit 1
fi
rm -f "$log"
