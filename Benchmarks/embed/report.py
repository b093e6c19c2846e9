"""The table and the claims, written between two markers of docs/BENCHMARKS.md."""

import json
import pathlib
import statistics

from . import chart, claims
from .machine import version

BEGIN, END = "<!-- bench-embed -->", "<!-- /bench-embed -->"


def write(document: pathlib.Path, image: pathlib.Path, measured: list[dict],
          work: pathlib.Path) -> None:
    """Writes what was measured into the document and the image."""
    rows = [summary(values) for values in measured if "failed" not in values]
    failed = [values for values in measured if "failed" in values]
    if not rows:
        return
    extras = {name: kept(work / f"{name}.json") for name in ("http", "mixed", "tokenizers")}
    run = max((row["run"] for row in rows), key=lambda run: run["id"])
    image.parent.mkdir(parents=True, exist_ok=True)
    note = f"{run['cpu']}, {run['threads']} threads; all-MiniLM-L6-v2, Cranfield; {run['date']}"
    image.write_text(chart.draw(rows, note))
    body = "\n\n".join(part for part in (
        machine_text(run, rows),
        f"![Tokens per second and query time, ragd and its peers]({image.parent.name}/{image.name})",
        engine_table(rows, run),
        remarks(rows, failed, run),
        claims.table(rows, extras),
    ) if part)
    text = document.read_text()
    before, found, rest = text.partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not (found and closed):
        raise SystemExit(f"{document} has no {BEGIN} … {END}")
    document.write_text(f"{before}{BEGIN}\n\n{body}\n\n{END}{after}")


def kept(file: pathlib.Path) -> dict:
    return json.loads(file.read_text()) if file.exists() else {}


def summary(values: dict) -> dict:
    """What the table says of an engine: the best round, and the median beside it."""
    rates = [values["tokens"] / seconds for seconds in values["seconds"]]
    p50s = [times["p50"] for times in values["query_ms"]]
    return values | {
        "tokens_per_s": max(rates), "tokens_per_s_median": statistics.median(rates),
        "query_p50": min(p50s), "query_p50_median": statistics.median(p50s),
        "query_p99": min(times["p99"] for times in values["query_ms"]),
    }


def machine_text(run: dict, rows: list[dict]) -> str:
    versions = {row["product"]: row["version"] for row in rows if row["version"]}
    named = ", ".join(f"{product} {number}" for product, number in versions.items())
    loads = [row["load"] for row in rows if row.get("load")]
    kernels = f" ragd's kernels: {loads[0]['instruction_set']}." if loads else ""
    rounds = min(len(row["seconds"]) for row in rows)
    return (
        f"{run['date']}, ragd at {run['commit']}; {run['cpu']} with {', '.join(run['features'])}; "
        f"{run['cores']} cores.{kernels} {named}; transformers {version('transformers')}. "
        f"{run['threads']} threads, batches of 32, best of {rounds} turns, medians in brackets."
    )


def engine_table(rows: list[dict], run: dict) -> str:
    lines = [
        "| engine | tokens/s | arrangement | query p50 | p99 | arrangement "
        "| cosine to f32: mean | least | nDCG@10 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        name = f"**{row['title']}**" if row["product"] == "ragd" else row["title"]
        mark = "" if row["run"]["id"] == run["id"] else " ¹"
        ndcg = f"{row['ndcg']:.4f}" if "ndcg" in row else ""
        lines.append(
            f"| {name}{mark} | {row['tokens_per_s']:,.0f} ({row['tokens_per_s_median']:,.0f}) "
            f"| {row['throughput']} "
            f"| {row['query_p50']:.2f} ({row['query_p50_median']:.2f}) ms "
            f"| {row['query_p99']:.2f} ms | {row['latency']} "
            f"| {digits(row.get('cosine_mean'))} | {digits(row.get('cosine_min'))} | {ndcg} |"
        )
    return "\n".join(lines)


def digits(cosine: float | None) -> str:
    if cosine is None:
        return ""
    return "1" if cosine > 0.9999999 else f"{cosine:.6f}" if cosine > 0.999 else f"{cosine:.4f}"


def remarks(rows: list[dict], failed: list[dict], run: dict) -> str:
    notes = []
    if any(row["run"]["id"] != run["id"] for row in rows):
        notes.append("¹ Measured in another run than the newest one.")
    for every in sorted({row["every"] for row in rows} - {1}):
        partly = dict.fromkeys(row["product"] for row in rows if row["every"] == every)
        notes.append(f"One batch of {every} is encoded by {', '.join(partly)}.")
    notes += [f"{values['title']} is missing: {values['failed']}" for values in failed]
    return " ".join(notes)
