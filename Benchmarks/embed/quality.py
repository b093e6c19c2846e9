"""How far an engine's vectors are from those of torch in f32, and how well they rank."""

import math
import pathlib

import numpy

from .workload import lines

HITS = 10


def unit(rows: numpy.ndarray) -> numpy.ndarray:
    rows = rows.astype(numpy.float64)
    return rows / numpy.maximum(numpy.linalg.norm(rows, axis=1, keepdims=True), 1e-30)


def cosines(vectors: numpy.ndarray, reference: numpy.ndarray) -> tuple[float, float]:
    """The mean and the least cosine of each vector to that of the reference."""
    each = (unit(vectors) * unit(reference)).sum(axis=1)
    return float(each.mean()), float(each.min())


class Judgements:
    """Cranfield's documents, questions and judgements."""

    def __init__(self, cranfield: pathlib.Path):
        self.documents = [row["_id"] for row in lines(cranfield / "corpus.jsonl")]
        self.questions = [row["_id"] for row in lines(cranfield / "queries.jsonl")]
        self.gains: dict[str, dict[str, int]] = {}
        with (cranfield / "qrels" / "test.tsv").open(encoding="utf-8") as file:
            next(file)
            for line in file:
                question, document, score = line.split("\t")
                self.gains.setdefault(question, {})[document] = max(0, int(score))

    def ndcg(self, documents: numpy.ndarray, questions: numpy.ndarray) -> float:
        """nDCG@10 as trec_eval defines it: the judgement as the gain, log2(rank + 1) as discount."""
        scores = unit(questions) @ unit(documents).T
        values = []
        for row, question in enumerate(self.questions):
            gains = self.gains.get(question, {})
            found = numpy.argsort(-scores[row], kind="stable")[:HITS]
            ideal = discounted(sorted(gains.values(), reverse=True)[:HITS])
            if ideal > 0:
                ranking = [gains.get(self.documents[document], 0) for document in found]
                values.append(discounted(ranking) / ideal)
        return sum(values) / len(values)


def discounted(gains: list[int]) -> float:
    return sum(gain / math.log2(rank + 2) for rank, gain in enumerate(gains))
