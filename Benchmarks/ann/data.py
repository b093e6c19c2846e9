"""The vectors, and which of them are nearest."""

import hashlib
import pathlib

import numpy

from .engines import HITS


class Data:
    """A folder with base.f32 and queries.f32, rows of little-endian f32 of unit length."""

    def __init__(self, folder: pathlib.Path, dimension: int, work: pathlib.Path):
        self.dimension = dimension
        self.base = folder / "base.f32"
        self.queries = folder / "queries.f32"
        self.truth = work / f"truth-{self.digest()}.i32"
        self.count = self.base.stat().st_size // (4 * dimension)
        self.query_count = self.queries.stat().st_size // (4 * dimension)

    def digest(self) -> str:
        digest = hashlib.sha256()
        for path in (self.base, self.queries):
            with path.open("rb") as file:
                while part := file.read(1 << 20):
                    digest.update(part)
        return digest.hexdigest()[:16]

    def files(self) -> list[str]:
        """What every engine reads; the nearest base rows of each query are found once."""
        if not self.truth.exists():
            partial = self.truth.with_suffix(".partial")
            self.nearest().astype("<i4").tofile(partial)
            partial.rename(self.truth)
        return [str(path) for path in (self.base, self.queries, self.truth)]

    def nearest(self) -> numpy.ndarray:
        base, queries = (
            numpy.fromfile(path, dtype="<f4").reshape(-1, self.dimension)
            for path in (self.base, self.queries)
        )
        found = []
        for block in numpy.array_split(queries, max(1, len(queries) // 256)):
            scores = block @ base.T
            found.append(numpy.argpartition(-scores, HITS, axis=1)[:, :HITS])
        return numpy.concatenate(found)
