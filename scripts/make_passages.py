#!/usr/bin/env python3
"""Writes real English passages for the benchmarks, one JSON object a line: {"_id", "text"}.

The texts are dictionary entries and manual paragraphs out of Debian packages, which are fetched with
`apt-get download` and unpacked beside the output, never installed. The same package versions give
the same file: candidates are ordered by a hash of their text, so that any prefix of the output is a
fair sample of all sources.

    scripts/make_passages.py --output FOLDER [--count 204000]
"""

import argparse
import gzip
import hashlib
import json
import pathlib
import re
import subprocess
import sys

PACKAGES = [
    "debian-reference-en",
    "dict-foldoc",
    "dict-gcide",
    "manpages",
    "manpages-dev",
    "perl-doc",
    "python3.11-doc",
    "wordnet-base",
]
WORDS_MIN, WORDS_MAX = 12, 100


def fetch(folder):
    """Downloads and unpacks every package that is not there yet; returns the folder of their files."""
    root = folder / "root"
    root.mkdir(parents=True, exist_ok=True)
    for package in PACKAGES:
        if (root / package).is_dir():
            continue
        archives = folder / "packages"
        archives.mkdir(exist_ok=True)
        print(f"fetching {package}", file=sys.stderr)
        subprocess.run(
            ["apt-get", "download", "-qq", package],
            cwd=archives, check=True, stderr=subprocess.DEVNULL,
        )
        archive = sorted(archives.glob(f"{package}_*.deb"))[-1]
        partial = root / f".{package}"
        subprocess.run(["dpkg-deb", "-x", archive, partial], check=True)
        partial.rename(root / package)
    return root


def read(path):
    data = path.read_bytes()
    if path.suffix in (".gz", ".dz"):
        data = gzip.decompress(data)
    return data.decode("utf-8", errors="replace")


def wordnet(root):
    """One paragraph a synset: its words, then the gloss with its example sentences."""
    for part in ("noun", "verb", "adj", "adv"):
        for path in sorted(root.glob(f"wordnet-base/usr/share/wordnet/data.{part}")):
            for line in read(path).splitlines():
                if line.startswith(" ") or "|" not in line:
                    continue
                fields, gloss = line.split("|", 1)
                fields = fields.split()
                words = [fields[4 + 2 * i].replace("_", " ") for i in range(int(fields[3], 16))]
                yield f"{', '.join(words)}: {gloss.strip()}"


def dictionary(root, name):
    """Entries of a dictd file: a headword at the margin, its definitions indented below."""
    for path in sorted(root.glob(f"{name}/usr/share/dictd/*.dict.dz")):
        for entry in re.split(r"\n(?=\S)", read(path)):
            for paragraph in re.split(r"\n\s*\n", entry):
                yield re.sub(r"[{}\\]", "", paragraph)


def manual_pages(root):
    """Paragraphs of troff sources; macros that only set type are opened, the others end a paragraph."""
    inline = re.compile(r"^\.(B|I|BR|BI|IR|IB|RB|RI|SM|SB)\s+(.*)$")
    for path in sorted(root.glob("manpages*/usr/share/man/man*/*.gz")):
        lines = []
        for line in read(path).splitlines():
            macro = inline.match(line)
            if macro:
                joined = " " if len(macro[1]) == 1 else ""
                line = joined.join(re.findall(r'"[^"]*"|\S+', macro[2])).replace('"', "")
            elif line.startswith((".", "'")):
                line = ""
            line = re.sub(r"\\f[BIRP]|\\f\(..|\\[&|,/^]|\\s[-+]?\d", "", line)
            lines.append(line.replace("\\-", "-").replace("\\(aq", "'").replace("\\e", "\\"))
        yield from re.split(r"\n\s*\n", "\n".join(lines))


def pod(root):
    """Prose paragraphs of Perl's manual; commands and verbatim blocks are left out."""
    for path in sorted(root.glob("perl-doc/**/*.pod")):
        for paragraph in re.split(r"\n\s*\n", read(path)):
            if not paragraph.startswith(("=", " ", "\t")):
                yield re.sub(r"[BCEFILSXZ]<+\s?([^<>]*)\s?>+", r"\1", paragraph)


def restructured_text(root):
    """Prose paragraphs of Python's manual; directives are left out, roles are opened."""
    for path in sorted(root.glob("python3.11-doc/**/_sources/**/*.rst.txt")):
        for paragraph in re.split(r"\n\s*\n", read(path)):
            if not paragraph.lstrip().startswith(("..", ">>>", "|", "+-", ":")):
                yield re.sub(r":[\w:]+:`[~!]?([^`<]*)[^`]*`", r"\1", paragraph).replace("``", "")


def html(root):
    """Paragraphs and list items of the Debian reference."""
    for path in sorted(root.glob("debian-reference-en/**/*.en.html")):
        for paragraph in re.findall(r"<(?:p|li)[^>]*>(.*?)</(?:p|li)>", read(path), re.S):
            yield re.sub(r"&\w+;", " ", re.sub(r"<[^>]+>", "", paragraph))


def passages(paragraph):
    """Splits a paragraph into pieces of at most WORDS_MAX words, at sentence ends where there are any."""
    words = paragraph.split()
    while len(words) >= WORDS_MIN:
        length = min(len(words), WORDS_MAX)
        if len(words) > WORDS_MAX:
            ends = [i + 1 for i in range(WORDS_MIN, WORDS_MAX) if words[i][-1] in ".!?;"]
            length = ends[-1] if ends else WORDS_MAX
        text = " ".join(words[:length])
        # Tables and listings are not prose.
        if sum(c.isalpha() or c == " " for c in text) > 0.85 * len(text):
            yield text
        words = words[length:]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=pathlib.Path, required=True, help="folder for packages and passages.jsonl")
    parser.add_argument("--count", type=int, default=204_000)
    arguments = parser.parse_args()

    root = fetch(arguments.output.resolve())
    sources = {
        "wordnet": wordnet(root),
        "gcide": dictionary(root, "dict-gcide"),
        "foldoc": dictionary(root, "dict-foldoc"),
        "man": manual_pages(root),
        "perl": pod(root),
        "python": restructured_text(root),
        "debian": html(root),
    }
    chosen = {}
    for source, paragraphs in sources.items():
        before = len(chosen)
        for paragraph in paragraphs:
            for text in passages(paragraph):
                chosen.setdefault(hashlib.sha256(text.encode()).hexdigest(), text)
        print(f"{source:8} {len(chosen) - before:7} passages", file=sys.stderr)
    if len(chosen) < arguments.count:
        sys.exit(f"only {len(chosen)} distinct passages, {arguments.count} wanted; lower --count")

    output = arguments.output / "passages.jsonl"
    with output.open("w", encoding="utf-8") as file:
        for digest in sorted(chosen)[: arguments.count]:
            row = {"_id": f"p-{digest[:16]}", "text": chosen[digest]}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    print(f"{arguments.count} of {len(chosen)} passages in {output}", file=sys.stderr)


if __name__ == "__main__":
    main()
