"""Distinct beginnings of documents, all of one length in tokens."""

import pathlib

from .workload import QUERY_TOKENS, lines


def documents(cranfield: pathlib.Path) -> list[str]:
    return [row["title"] + " " + row["text"] for row in lines(cranfield / "corpus.jsonl")]


def beginnings(model: pathlib.Path, texts: list[str], tokens: int = QUERY_TOKENS) -> list[str]:
    """The beginnings of those texts that have a word's end at so many tokens, each once."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    last = tokens - tokenizer.num_special_tokens_to_add(False) - 1
    found = {}
    for text, encoding in zip(texts, tokenizer.encode_batch(texts, add_special_tokens=False)):
        words = encoding.word_ids
        if len(words) > last + 1 and words[last] != words[last + 1]:
            found[text[: encoding.offsets[last][1]]] = None
    return list(found)
