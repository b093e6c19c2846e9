#!/usr/bin/env python3
"""Makes the references of the byte-level BPE and Unigram tokenizers from the `tokenizers` library.

Made with tokenizers 0.23.3 and sentencepiece 0.2.3 from PyPI.

    python scripts/make_tokenizer_fixtures.py --qwen3 tokenizer.json.gz

Writes into Tests/EmbedderTests/Fixtures/tokenization; the README beside it describes the files.
`texts.json` is an input: it was collected once and is kept.
"""

import argparse
import base64
import gzip
import json
import struct
import tempfile
from pathlib import Path

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

from make_fixtures import (
    FIXTURES,
    SplitMix64,
    added_token,
    byte_offsets,
    fingerprint,
    random_text,
    write_json,
)

FOLDER = FIXTURES / "tokenization"
RANDOM_COUNT = 3000
RUNS = [
    ("x", 100_000),
    ("ab", 20_000),
    (" ", 5_000),
    ("\n", 3_000),
    (" \n", 2_000),
    ("\t", 1_001),
    ("\u00e9", 3_000),
    ("e\u0301", 3_000),
    ("\u0301", 3_000),
    ("\uac00", 2_000),
    ("\u4e2d\u6587", 2_000),
    ("\U0001f468\u200d", 500),
    ("0123456789", 500),
    ("!", 4_000),
    ("naive caf\u00e9 ", 9_000),
    ("Plain words, and some more of them: ", 2_000),
]


def write_fingerprints(name, tokenizer, texts):
    """A fingerprint of (count, ids, offsets) for each text, then for each random text and run."""
    texts = texts + [random_text(seed) for seed in range(RANDOM_COUNT)]
    texts += [unit * count for unit, count in RUNS]
    with open(FOLDER / name, "wb") as file:
        for text in texts:
            encoding = tokenizer.encode(text)
            words = [len(encoding.ids)] + encoding.ids + byte_offsets(text, encoding)
            file.write(struct.pack("<Q", fingerprint(words)))


def write_scalars(name, tokenizer):
    """The same for each block of 256 scalars, each of them beside letters, spaces, marks and itself."""
    with open(FOLDER / name, "wb") as file:
        for block in range(0, 0x110000, 256):
            scalars = (chr(value) for value in range(block, block + 256))
            texts = ["a%sb %s %s\u0301%s\u200d\n" % (4 * (scalar,)) for scalar in scalars]
            text = "" if 0xD800 <= block <= 0xDFFF else "".join(texts)
            encoding = tokenizer.encode(text)
            words = [len(encoding.ids)] + encoding.ids + byte_offsets(text, encoding)
            file.write(struct.pack("<Q", fingerprint(words)))


def invalid_bytes():
    """Bytes that are not UTF-8: chosen ones, and characters of which some bytes were drawn anew."""
    chosen = "61e4b862 f09f98 c0af eda080 eda081edb080 f4908080 f8888080 80 e4b8 ff61fe"
    rows = [bytes.fromhex(row) for row in chosen.split()]
    random = SplitMix64(20)
    for seed in range(300):
        row = bytearray(random_text(seed).encode())
        for _ in range(random.next() % 6 + 1):
            row[random.next() % len(row)] = random.next() % 256
        rows.append(bytes(row))
    return rows


def dump(name, value):
    (FOLDER / name).write_text(json.dumps(value, ensure_ascii=False, indent=0) + "\n", "utf-8")


# -------------------------------------------------------------------------------------- Qwen3


def make_qwen3(path, texts):
    """The merges as pairs of ids, from which the whole vocabulary follows; the rest as it is."""
    content = json.loads(gzip.open(path, "rb").read())
    model = content["model"]
    vocabulary = model["vocab"]
    byte_tokens = sorted((token for token in vocabulary if len(token) == 1), key=vocabulary.get)
    byte_tokens = [token for token in byte_tokens if vocabulary[token] < 256]
    rebuilt = {token: position for position, token in enumerate(byte_tokens)}
    packed = bytearray()
    for left, right in model["merges"]:
        for part in (left, right):
            packed += rebuilt[part].to_bytes(3, "little")
        rebuilt[left + right] = len(rebuilt)
    assert rebuilt == vocabulary, "the vocabulary is not that of the merges in order"
    (FOLDER / "qwen3-merges.u24").write_bytes(packed)
    rest = {**content, "model": {**model, "vocab": "@vocabulary", "merges": "@merges"}}
    dump("qwen3.json", {"bytes": "".join(byte_tokens), "tokenizer": json.dumps(rest)})
    tokenizer = Tokenizer.from_str(json.dumps(content))
    assert tokenizer.encode("test").ids == [1944, 151643]
    write_fingerprints("qwen3.u64", tokenizer, texts)
    write_scalars("qwen3-scalars.u64", tokenizer)
    write_json(
        FOLDER / "qwen3-invalid.json",
        [
            {"bytes": list(row), "ids": tokenizer.encode(row.decode("utf-8", "replace")).ids}
            for row in invalid_bytes()
        ],
    )
    model["ignore_merges"] = True
    tokenizer = Tokenizer.from_str(json.dumps(content))
    write_fingerprints("qwen3-whole-words.u64", tokenizer, texts)


# ---------------------------------------------------------------------- Patterns of byte-level BPE

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
QWEN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
LLAMA3 = QWEN.replace(r"|\p{N}|", r"|\p{N}{1,3}|")
O200K = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
DEEPSEEK = (
    r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+"
    r"|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
IDEOGRAPHS = "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+"
BEHAVIORS = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]
EXPRESSIONS = [
    GPT2, QWEN, LLAMA3, O200K, DEEPSEEK, IDEOGRAPHS,
    # Quantifiers, greedy, lazy and possessive; intervals.
    r"a+?b*?c??", r"\p{L}++\s*+", r"\p{N}{2,3}?", r"[0-9]{2,}", r"\d{3}", r"(?:\p{Lu}\p{Ll}*)+",
    # Empty matches.
    r"x*", r"(?=\p{Lu})", r"(?<=\s)", r"\p{L}*", r"|a", r"(?!\S)",
    # Groups and assertions.
    r"(a|b|ab)(c|bcd)?", r"(?>a+)b|\s", r"(?<!\p{L})'|(?<=[.!?])\s+", r"\p{L}+(?=\d|\p{P})", r"(?:)+|-",
    # Lines.
    r"^.", r".$", r"^\s+|\s+$", r"^", r"$", r".+",
    # Escapes and classes.
    r"[\t\n\x0b\f\r\v ]", r"\x{4e2d}|\u00e9|\x41|\-|\/", r"[\s]", r"\S+", r"\D+",
    r"\P{L}+", r"[\p{P}\-_]", r"[a-fA-F0-9-]+", r"[.\]\[^]", r"[^^a-z]", r"[\u4e00-\u9fff]", r"}|\]",
    # Without case.
    r"(?i:'s|'LL|kg|k)", r"(?i:[sdmtk])", "(?i:'\u2019)|(?i:\u2019s)",
]
PROPERTIES = (
    r"\s \S \d \D . \p{L} \P{L} \p{Lu} \p{Ll} \p{Lt} \p{Lm} \p{Lo} \p{M} \p{Me} \p{N} \p{Nd} \p{Nl} "
    r"\p{No} \p{P} \p{Pc} \p{Pd} \p{Ps} \p{Pe} \p{Pi} \p{Pf} \p{Po} \p{S} \p{Sm} \p{Sc} \p{Sk} "
    r"\p{So} \p{Z} \p{Zs} \p{Zl} \p{Zp} \p{Cc} \p{Cf} \p{Co} (?i:k) (?i:s)"
).split()
# Texts of which one fingerprint is made.
TEXTS_PER_FINGERPRINT = 8


def pieces(splitter, text):
    """The byte offsets of the pieces of a text, flat."""
    starts = [0]
    for character in text:
        starts.append(starts[-1] + len(character.encode("utf-8")))
    return [starts[place] for _, range_ in splitter.pre_tokenize_str(text) for place in range_]


def make_patterns(texts):
    """Where each behavior of each pattern cuts texts, and which scalars each property has."""
    chosen = texts[::40] + texts[-1100::11] + [random_text(seed) for seed in range(100)]
    rows = []
    for number, expression in enumerate(EXPRESSIONS + ["String: ", "String:e", "String:.\n", "String:\u00e9s"]):
        literal = expression.removeprefix("String:")
        pattern = Regex(expression) if literal == expression else literal
        for behavior in BEHAVIORS:
            for invert in (False, True):
                name = "".join("_" + c.lower() if c.isupper() else c for c in behavior)[1:]
                splitter = pre_tokenizers.Split(pattern, name, invert)
                words = []
                for text in chosen:
                    found = pieces(splitter, text)
                    words += [len(found) // 2] + found
                row = {"regex": expression} if literal == expression else {"string": literal}
                row |= {"behavior": behavior, "invert": invert}
                rows.append({**row, "pieces": "%016x" % fingerprint(words)})
    dump("patterns.json", {"texts": chosen, "patterns": rows})
    rows = {}
    for expression in PROPERTIES:
        splitter = pre_tokenizers.Split(Regex(expression), "removed", invert=True)
        words = []
        for first in range(0, 0x110000, 4096):
            text = "".join(chr(v) for v in range(first, first + 4096) if not 0xD800 <= v <= 0xDFFF)
            found = [start for start in pieces(splitter, text)[::2]] if text else []
            words += [len(found)] + found
        rows[expression] = "%016x" % fingerprint(words)
    dump("pattern-properties.json", rows)


def make_byte_level(texts):
    """Tokenizers with the stages of well-known files and a vocabulary of 2,000 merges."""
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False}

    def splits(*expressions):
        parts = [
            {"type": "Split", "pattern": {"Regex": text}, "behavior": "Isolated", "invert": False}
            for text in expressions
        ]
        return {"type": "Sequence", "pretokenizers": parts + [{**byte_level, "use_regex": False}]}

    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=2256, initial_alphabet=alphabet, show_progress=False, limit_alphabet=256
    )
    trained.train_from_iterator(texts, trainer)
    model = json.loads(trained.to_str())["model"]
    byte_tokens = "".join(sorted(alphabet))
    rebuilt = {token: position for position, token in enumerate(byte_tokens)}
    packed = bytearray()
    for left, right in model["merges"]:
        for part in (left, right):
            packed += rebuilt[part].to_bytes(3, "little")
        rebuilt[left + right] = len(rebuilt)
    assert rebuilt == model["vocab"], "the vocabulary is not that of the merges in order"
    (FOLDER / "byte-level-merges.u24").write_bytes(packed)
    pipelines = {
        "gpt2": ({**byte_level, "use_regex": True}, False),
        "llama3": (splits(LLAMA3), True),
        "o200k": (splits(O200K), False),
        "deepseek": (splits(r"\p{N}{1,3}", IDEOGRAPHS, DEEPSEEK), False),
    }
    stored = {}
    texts = texts + [random_text(seed) for seed in range(RANDOM_COUNT)]
    texts += [unit * count for unit, count in RUNS]
    for name, (pre_tokenizer, ignore_merges) in pipelines.items():
        model["ignore_merges"] = ignore_merges
        content = {
            "version": "1.0", "truncation": None, "padding": None, "added_tokens": [],
            "normalizer": None, "pre_tokenizer": pre_tokenizer, "post_processor": None,
            "decoder": byte_level, "model": model,
        }
        tokenizer = Tokenizer.from_str(json.dumps(content))
        rest = {**content, "model": {**model, "vocab": "@vocabulary", "merges": "@merges"}}
        stored[name] = {"bytes": byte_tokens, "tokenizer": json.dumps(rest)}
        with open(FOLDER / ("byte-level-%s.u64" % name), "wb") as file:
            for first in range(0, len(texts), TEXTS_PER_FINGERPRINT):
                words = []
                for text in texts[first : first + TEXTS_PER_FINGERPRINT]:
                    encoding = tokenizer.encode(text)
                    words += [len(encoding.ids)] + encoding.ids + byte_offsets(text, encoding)
                file.write(struct.pack("<Q", fingerprint(words)))
    dump("byte-level-pipelines.json", stored)


# ------------------------------------------------------------------------------------ Unigram


def train(texts):
    """A SentencePiece model of 3,000 pieces with the normalisation rules that XLM-RoBERTa has."""
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder) / "lines"
        lines.write_text("\n".join(" ".join(text.split()) for text in texts), "utf-8")
        sentencepiece.SentencePieceTrainer.train(
            input=str(lines),
            model_prefix=folder + "/model",
            vocab_size=3000,
            model_type="unigram",
            normalization_rule_name="nmt_nfkc",
            character_coverage=0.998,
            num_threads=1,
            hard_vocab_limit=False,
            minloglevel=2,
        )
        model = sentencepiece_model_pb2.ModelProto()
        model.ParseFromString((Path(folder) / "model.model").read_bytes())
    return model


def unigram_pipelines(mask_id):
    """The stages of XLM-RoBERTa's file, and of the files that other converters write."""
    precompiled = {"type": "Precompiled", "precompiled_charsmap": "@charsmap"}

    def metaspace(scheme, split=True):
        return {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": scheme, "split": split}

    def sequence(*normalizers):
        return {"type": "Sequence", "normalizers": list(normalizers)}

    def replace(kind, pattern, content):
        return {"type": "Replace", "pattern": {kind: pattern}, "content": content}

    def piece(name, type_id=0):
        return {"Sequence" if len(name) == 1 else "SpecialToken": {"id": name, "type_id": type_id}}

    special = {
        name: {"id": name, "ids": [position], "tokens": [name]}
        for name, position in (("<s>", 0), ("</s>", 2))
    }

    def whole(normalizer, pre_tokenizer, mask_normalized=False, **model):
        marks = [
            added_token(position, name, special=True)
            for position, name in enumerate(("<s>", "<pad>", "</s>", "<unk>"))
        ]
        mask = added_token(mask_id, "<mask>", lstrip=True, special=True, normalized=mask_normalized)
        pair = ("<s>", "A", "</s>", "</s>", "B", "</s>")
        return {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": marks + [mask],
            "normalizer": normalizer,
            "pre_tokenizer": pre_tokenizer,
            "post_processor": {
                "type": "TemplateProcessing",
                "single": [piece("<s>"), piece("A"), piece("</s>")],
                "pair": [piece(name) for name in pair],
                "special_tokens": special,
            },
            "decoder": metaspace("always"),
            "model": {"type": "Unigram", "unk_id": 3, "vocab": "@vocabulary", **model},
        }

    split = {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace("always")]}
    return {
        "xlm-roberta": whole(precompiled, split),
        "spaces-joined": whole(
            sequence(precompiled, replace("Regex", " {2,}", " ")),
            metaspace("always"),
            mask_normalized=True,
        ),
        "stripped": whole(
            sequence(
                {"type": "Strip", "strip_left": True, "strip_right": True},
                precompiled,
                replace("Regex", " {2,}", "\u2581"),
            ),
            metaspace("first"),
        ),
        "unsplit": whole(
            sequence(replace("String", "...", "\u2026 "), precompiled, {"type": "NFC"}),
            metaspace("never", split=False),
            byte_fallback=True,
        ),
    }


def make_unigram(texts):
    model = train(texts)
    charsmap = base64.b64encode(model.normalizer_spec.precompiled_charsmap).decode()
    vocabulary = [["<s>", 0.0], ["<pad>", 0.0], ["</s>", 0.0], ["<unk>", 0.0]]
    vocabulary += [[piece.piece, piece.score] for piece in model.pieces[3:]]
    # The bytes of characters of two and three bytes, not those of four.
    vocabulary += [["<0x%02X>" % byte, -20.0] for byte in range(0x80, 0xF0)]
    vocabulary += [["<mask>", 0.0]]
    (FOLDER / "nmt_nfkc.base64").write_text(charsmap)
    dump("unigram-vocabulary.json", vocabulary)
    pipelines = unigram_pipelines(len(vocabulary) - 1)
    dump("unigram-pipelines.json", {name: json.dumps(value) for name, value in pipelines.items()})
    for name, pipeline in pipelines.items():
        pipeline["model"]["vocab"] = vocabulary
        content = json.dumps(pipeline).replace("@charsmap", charsmap)
        tokenizer = Tokenizer.from_str(content)
        write_fingerprints("unigram-%s.u64" % name, tokenizer, texts)
        if name == "xlm-roberta":
            write_scalars("unigram-scalars.u64", tokenizer)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--qwen3", type=Path, required=True)
    arguments = parser.parse_args()
    texts = json.loads((FOLDER / "texts.json").read_text("utf-8"))
    dump("runs.json", [{"unit": unit, "count": count} for unit, count in RUNS])
    make_qwen3(arguments.qwen3, texts)
    make_byte_level(texts)
    make_patterns(texts)
    make_unigram(texts)


if __name__ == "__main__":
    main()
