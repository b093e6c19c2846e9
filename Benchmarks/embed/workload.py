"""The work that every engine does: the same token ids, in the same batches.

Texts are tokenised once, by the `tokenizers` library, before anything is timed. Batches are of texts
of similar length, longest first, so that padding costs the engines that pad next to nothing.
"""

import json
import pathlib

import numpy

TOKENS_MAX = 256
BATCH_SIZE = 32
QUERY_TOKENS = 19
DIMENSION = 384


class Workload:
    """Token ids of the documents, of the judged questions and of the short queries."""

    def __init__(self, documents, questions):
        self.documents = documents
        self.questions = questions
        self.order = sorted(range(len(documents)), key=lambda row: -len(documents[row]))
        self.batches = [
            self.order[start : start + BATCH_SIZE]
            for start in range(0, len(self.order), BATCH_SIZE)
        ]
        # Beginnings of documents, closed with the last special token: distinct, so that no cache
        # of recent queries answers, and of one length, so that their times are comparable.
        self.queries = [
            row[: QUERY_TOKENS - 1] + row[-1:] for row in documents if len(row) >= QUERY_TOKENS
        ]

    @classmethod
    def load(cls, path: pathlib.Path) -> "Workload":
        return cls(**json.loads(path.read_text()))

    @classmethod
    def tokenized(cls, model: pathlib.Path, cranfield: pathlib.Path) -> "Workload":
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
        tokenizer.enable_truncation(TOKENS_MAX)
        tokenizer.no_padding()
        ids = lambda texts: [encoding.ids for encoding in tokenizer.encode_batch(texts)]
        return cls(
            ids([row["title"] + " " + row["text"] for row in lines(cranfield / "corpus.jsonl")]),
            ids([row["text"] for row in lines(cranfield / "queries.jsonl")]),
        )

    def save(self, path: pathlib.Path) -> None:
        path.write_text(json.dumps({"documents": self.documents, "questions": self.questions}))

    def chosen(self, every: int) -> list[int]:
        """The numbers of every `every`-th batch: a fair sample, for batches are sorted by length."""
        return list(range(every // 2, len(self.batches), every))

    def tokens(self, batches: list[int]) -> int:
        return sum(len(self.documents[row]) for batch in batches for row in self.batches[batch])


def lines(path: pathlib.Path) -> list[dict]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def padded(rows: list[list[int]]) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Ids and attention mask of a batch, padded to its longest row."""
    ids = numpy.zeros((len(rows), max(map(len, rows))), dtype=numpy.int64)
    mask = numpy.zeros_like(ids)
    for place, row in enumerate(rows):
        ids[place, : len(row)] = row
        mask[place, : len(row)] = 1
    return ids, mask
