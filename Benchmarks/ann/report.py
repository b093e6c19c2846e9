"""The table, the aims and the charts, written between two markers of docs/BENCHMARKS.md."""

import math
import pathlib

from embed.claims import at_least, at_most

from . import chart

BEGIN, END = "<!-- bench-ann -->", "<!-- /bench-ann -->"
RECALLS = (0.95, 0.98, 0.99)
# The project's own aims; each is a ratio within one run.
SEARCH_RATIOS = {0.95: 1.5, 0.98: 1.6, 0.99: 1.8}
BUILD_SHARE_MAX = 0.6
PARALLEL_RATIO_MIN = 1.9
OURS = "ragd-int8"


def write(document: pathlib.Path, images: pathlib.Path, measured: dict) -> None:
    run, engines = measured["run"], measured["engines"]
    for engine in engines.values():
        engine["curve"] = curve(engine["searches"])
    images.mkdir(parents=True, exist_ok=True)
    note = (f"{run['cpu']}, {run['count']:,} vectors of {run['dimension']} dimensions; "
            f"{run['date']}")
    (images / "ann-search.svg").write_text(chart.search_chart(engines, note))
    (images / "ann-build.svg").write_text(chart.build_chart(engines, note, run["threads"]))
    body = "\n\n".join(part for part in (
        machine_text(run, engines),
        f"![Searches per second over recall, ragd and its peers]({images.name}/ann-search.svg)",
        table(engines, run),
        f"![Build time and bytes a vector, ragd and its peers]({images.name}/ann-build.svg)",
        claims(engines, run),
    ) if part)
    text = document.read_text()
    before, found, rest = text.partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not (found and closed):
        raise SystemExit(f"{document} has no {BEGIN} … {END}")
    document.write_text(f"{before}{BEGIN}\n\n{body}\n\n{END}{after}")


def curve(searches: dict) -> list[tuple[int, float, float]]:
    """Beam, recall and searches a second of one thread, best of the rounds, by beam."""
    return sorted(
        (int(key.split("/")[0]), search["recall"], max(search["qps"]))
        for key, search in searches.items() if key.endswith("/1")
    )


def at_recall(points: list[tuple[int, float, float]], recall: float) -> tuple[float, float] | None:
    """The beam and the searches a second that a recall takes, between the two measured beside it."""
    former = None
    for beam, found, qps in points:
        if found >= recall:
            if former is None:
                return beam, qps
            share = (recall - former[1]) / (found - former[1])
            rate = math.exp(math.log(former[2]) + share * (math.log(qps) - math.log(former[2])))
            return former[0] + share * (beam - former[0]), rate
        former = (beam, found, qps)
    return None


def machine_text(run: dict, engines: dict) -> str:
    versions = {
        engine["product"]: engine["version"] for engine in engines.values() if engine["version"]
    }
    named = ", ".join(f"{product} {number}" for product, number in versions.items())
    isa = next((engine["isa"] for engine in engines.values() if engine.get("isa")), "?")
    return (
        f"{run['date']}, ragd at {run['commit']}; {run['cpu']} with {', '.join(run['features'])}; "
        f"{run['cores']} cores. ragd's kernels: {isa}. {named}. {run['count']:,} vectors of "
        f"{run['dimension']} dimensions, {run['queries']:,} queries, k 10, M 16, efConstruction 200; "
        f"built on {run['threads']} threads, searched on one, best of {run['rounds']} turns."
    )


def table(engines: dict, run: dict) -> str:
    parallel = f"searches/s on {run['threads']} threads, beam 64"
    columns = " | ".join(f"recall {recall}" for recall in RECALLS)
    lines = [
        f"| engine | build | bytes a vector | searches/s at {columns} | best recall | {parallel} |",
        "|---|---|---|" + "---|" * len(RECALLS) + "---|---|",
    ]
    for engine in engines.values():
        name = f"**{engine['title']}**" if engine["product"] == "ragd" else engine["title"]
        cells = []
        for recall in RECALLS:
            found = at_recall(engine["curve"], recall)
            cells.append(f"{found[1]:,.0f} (ef {found[0]:.0f})" if found else "")
        both = max(engine["searches"][f"64/{run['threads']}"]["qps"])
        best = max(recall for _, recall, _ in engine["curve"])
        lines.append(
            f"| {name} | {engine['build_seconds']:.1f} s | {engine['bytes']:,.0f} "
            f"| {' | '.join(cells)} | {best:.4f} | {both:,.0f} |"
        )
    return "\n".join(lines)


def claims(engines: dict, run: dict) -> str:
    ours = engines.get(OURS)
    peers = {key: engine for key, engine in engines.items() if engine["product"] != "ragd"}
    if not ours or not peers:
        return ""
    lines = ["| aim | limit | measured | |", "|---|---|---|---|"]
    for recall, limit in SEARCH_RATIOS.items():
        rates = [
            (found[1], engine["title"]) for engine in peers.values()
            if (found := at_recall(engine["curve"], recall))
        ]
        mine = at_recall(ours["curve"], recall)
        if not mine or not rates:
            continue
        rate, title = max(rates)
        ratio = mine[1] / rate
        lines.append(f"| searches/s at recall {recall} to those of {title}, the fastest peer "
                     f"| at least {limit}x | {ratio:.2f}x | {at_least(ratio, limit)} |")
    if "hnswlib" in peers:
        share = ours["build_seconds"] / peers["hnswlib"]["build_seconds"]
        lines.append(f"| build on {run['threads']} threads to that of hnswlib "
                     f"| at most {BUILD_SHARE_MAX}x | {share:.2f}x "
                     f"| {at_most(share, BUILD_SHARE_MAX)} |")
    both = max(ours["searches"][f"64/{run['threads']}"]["qps"])
    ratio = both / max(ours["searches"]["64/1"]["qps"])
    lines.append(f"| searches/s of {run['threads']} threads to those of one "
                 f"| at least {PARALLEL_RATIO_MIN}x | {ratio:.2f}x "
                 f"| {at_least(ratio, PARALLEL_RATIO_MIN)} |")
    return "\n".join(lines)
