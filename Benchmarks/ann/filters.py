"""Filters of known selectivity over the passages, and what each of them is to find.

Metadata is random but for `topic`, the row's place in the order of nearness to one passage: a filter on it
selects what lies close together, near some queries and far from others.
"""

import dataclasses
import json
import pathlib

import numpy

from .data import Data
from .engines import HITS

SELECTIVITIES = (1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.001, 0.0001)
SEED = 20
SHELVES = 100
YEARS = 1_000
ANCHOR = 4_711


@dataclasses.dataclass(frozen=True)
class Kind:
    """A column of the table: a way to select, and the queries that are asked."""

    key: str
    title: str
    query_count: int


KINDS = (
    Kind("one", "one key", 1_000),
    Kind("three", "AND of three", 1_000),
    Kind("near", "matches near the query", 500),
    Kind("far", "matches far from it", 500),
)


class FilterTasks:
    """Makes metadata, filters and truths."""

    def __init__(self, data: Data, work: pathlib.Path):
        self.work = work
        self.base, self.queries = (
            numpy.fromfile(path, dtype="<f4").reshape(-1, data.dimension)
            for path in (data.base, data.queries)
        )
        self.count = len(self.base)
        random = numpy.random.default_rng(SEED)
        self.rank = random.permutation(self.count)
        self.shelf = random.integers(SHELVES, size=self.count)
        self.year = random.integers(YEARS, size=self.count)
        self.price = random.random(self.count).round(4)
        anchor = self.base[ANCHOR % self.count]
        self.topic = numpy.empty(self.count, dtype=numpy.int64)
        self.topic[numpy.argsort(-(self.base @ anchor))] = numpy.arange(self.count)
        self.nearness = self.queries @ anchor
        self.scores = {}

    def metadata(self) -> pathlib.Path:
        """One row's metadata a line."""
        path = self.work / "metadata.jsonl"
        with path.open("w") as file:
            for row in range(self.count):
                file.write(json.dumps({
                    "rank": int(self.rank[row]), "topic": int(self.topic[row]),
                    "shelf": f"shelf {self.shelf[row]:02}", "year": int(self.year[row]),
                    "price": float(self.price[row]),
                }) + "\n")
        return path

    def places(self, kind: Kind) -> numpy.ndarray:
        """The queries that are asked."""
        order = numpy.argsort(self.nearness)
        if kind.key == "near":
            return order[::-1][:kind.query_count]
        if kind.key == "far":
            return order[:kind.query_count]
        return numpy.arange(len(self.queries))[:kind.query_count]

    def select(self, kind: Kind, selectivity: float) -> tuple[dict, numpy.ndarray]:
        """The filter, and which rows it selects."""
        limit = round(selectivity * self.count)
        if kind.key == "one":
            return {"key": "rank", "lt": limit}, self.rank < limit
        if kind.key in ("near", "far"):
            return {"key": "topic", "lt": limit}, self.topic < limit
        share = selectivity ** (1 / 3)
        shelves, years, price = round(share * SHELVES), round(share * YEARS), round(1 - share, 4)
        return {"and": [
            {"key": "shelf", "in": [f"shelf {shelf:02}" for shelf in range(shelves)]},
            {"key": "year", "lt": years},
            {"key": "price", "gte": price},
        ]}, (self.shelf < shelves) & (self.year < years) & (self.price >= price)

    def nearest(self, kind: Kind, selected: numpy.ndarray) -> list[set[int]]:
        """The nearest selected rows of each query."""
        places = self.places(kind)
        if kind.key not in self.scores:
            self.scores[kind.key] = self.queries[places] @ self.base.T
        rows = numpy.flatnonzero(selected)
        scores = self.scores[kind.key][:, rows]
        if len(rows) <= HITS:
            return [set(rows.tolist())] * len(places)
        best = numpy.argpartition(-scores, HITS, axis=1)[:, :HITS]
        return [set(found.tolist()) for found in rows[best]]


def recall(found: list[list[int]], truth: list[set[int]]) -> float:
    """The share of the truth that was found."""
    return sum(len(set(f) & t) for f, t in zip(found, truth)) / sum(len(t) for t in truth)
