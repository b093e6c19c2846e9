"""The tables, the aims and the chart of filtered searches, written between two markers."""

import pathlib

from embed.claims import at_least, at_most

from . import chart
from .filters import KINDS

BEGIN, END = "<!-- bench-filters -->", "<!-- /bench-filters -->"
# The project's own aims, at every selectivity.
RECALL_MIN = 0.99
P99_MS_MAX = 10
IMAGE = "filter-latency.svg"


def write(document: pathlib.Path, images: pathlib.Path, measured: dict) -> None:
    run, rows = measured["run"], measured["rows"]
    images.mkdir(parents=True, exist_ok=True)
    note = f"{run['cpu']}, {run['count']:,} documents; one thread; {run['date']}"
    (images / IMAGE).write_text(chart.filter_chart(lines(rows), note))
    body = "\n\n".join(part for part in (
        machine_text(run, rows),
        f"![What a filtered search takes over the share that the filter selects]({images.name}/{IMAGE})",
        table(rows, ("one", "three")),
        "The same with a filter on `topic`: what it selects lies together, near the queries or far from them.",
        table(rows, ("near", "far")),
        claims(rows),
    ) if part)
    text = document.read_text()
    before, found, rest = text.partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not (found and closed):
        raise SystemExit(f"{document} has no {BEGIN} … {END}")
    document.write_text(f"{before}{BEGIN}\n\n{body}\n\n{END}{after}")


def of_kind(rows: list[dict], key: str) -> list[dict]:
    return [row for row in rows if row["kind"] == key]


def lines(rows: list[dict]) -> list[tuple[str, bool, list[tuple[float, float]]]]:
    """Names, whether ragd's, and p99 by selectivity."""
    found = [
        (f"ragd, {kind.title}", True, [(row["selectivity"], row["p99"]) for row in of_kind(rows, kind.key)])
        for kind in KINDS
    ]
    for kind in KINDS:
        points = [
            (row["selectivity"], row["peer"]["p99"])
            for row in of_kind(rows, kind.key) if "peer" in row
        ]
        if points and kind.key in ("one", "far"):
            found.append((f"hnswlib, {kind.title}", False, points))
    return found


def machine_text(run: dict, rows: list[dict]) -> str:
    by_document = max(row["metadata_bytes"] for row in rows) / run["count"]
    peer = (
        f" hnswlib {run['hnswlib']} has a beam of {run['peer_beam']}, {run['peer_queries']} queries, "
        "and a set that is finished: its time has no filter in it."
    ) if run["peer_queries"] else ""
    return (
        f"{run['date']}, ragd at {run['commit']}; {run['cpu']}; {run['count']:,} documents of one chunk, "
        f"{run['dimension']} dimensions, k 10, defaults otherwise; "
        f"{of_kind(rows, 'one')[0]['queries']:,} queries a cell of the first table, "
        f"{of_kind(rows, 'near')[0]['queries']:,} of the second, one after the other, the quieter of "
        f"{run['rounds']} turns.{peer} "
        f"The first filter on a key, which loads it, takes {max(row['first'] for row in rows):,.0f} ms at most. "
        f"All five keys together take {by_document:.0f} bytes a document."
    )


def cell(measured: dict) -> str:
    return f"{measured['recall']:.4f} | {measured['p50']:.2f} / {measured['p99']:.2f} ms"


def table(rows: list[dict], keys: tuple[str, ...]) -> str:
    columns = [(kind, "ragd") for kind in KINDS if kind.key in keys]
    with_peer = all("peer" in row for row in rows)
    if with_peer:
        columns += [(kind, "hnswlib") for kind, _ in list(columns)]
    head = " | ".join(f"{product}, {kind.title}: recall | p50 / p99" for kind, product in columns)
    written = [f"| selected | {head} |", "|---|" + "---|---|" * len(columns)]
    for row in of_kind(rows, keys[0]):
        cells = []
        for kind, product in columns:
            other = next(
                other for other in of_kind(rows, kind.key)
                if other["selectivity"] == row["selectivity"]
            )
            cells.append(cell(other if product == "ragd" else other["peer"]))
        share = f"{row['selectivity']:.2%}".rstrip("%").rstrip("0").rstrip(".")
        written.append(f"| {share} % | {' | '.join(cells)} |")
    return "\n".join(written)


def claims(rows: list[dict]) -> str:
    written = ["| aim | limit | measured | |", "|---|---|---|---|"]
    for kind in KINDS:
        recall = min(row["recall"] for row in of_kind(rows, kind.key))
        worst = max(row["p99"] for row in of_kind(rows, kind.key))
        written += [
            f"| {kind.title}: least recall of all selectivities | at least {RECALL_MIN} "
            f"| {recall:.4f} | {at_least(recall, RECALL_MIN)} |",
            f"| {kind.title}: largest p99 of all selectivities | at most {P99_MS_MAX} ms "
            f"| {worst:.2f} ms | {at_most(worst, P99_MS_MAX)} |",
        ]
    return "\n".join(written)
