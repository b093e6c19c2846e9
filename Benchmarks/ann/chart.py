"""The charts in SVG, by hand, in the style of the embedder's."""

import html
import math

from embed.chart import MARGIN, STYLE, WIDTH, panel, panel_height

LEFT, RIGHT, TOP, HEIGHT = 70, 190, 60, 330
# Recalls are spread as their distances from 1 shrink: from 0.99 to 0.999 it is as far as from 0.9.
RECALL_TICKS = (0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
RECALL_MIN, RECALL_MAX = 0.8, 0.9995
DASHES = ("", "7 4", "2 3", "9 3 2 3", "4 4", "12 4")

LINE_STYLE = """
  .grid { stroke: #d1d9e0; stroke-width: 1; }
  .curve { fill: none; stroke-width: 2; }
  .curve.peer { stroke: #8c959f; }
  .curve.ours { stroke: #0969da; stroke-width: 2.5; }
  @media (prefers-color-scheme: dark) {
    .grid { stroke: #3d444d; }
    .curve.peer { stroke: #9198a1; }
    .curve.ours { stroke: #4493f8; }
  }
"""


def frame(height: float, label: str, lines: list[str], style: str = "") -> str:
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height:.0f}" '
        f'viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{html.escape(label)}">',
        f"  <style>{STYLE}{style}  </style>",
        f'  <rect class="page" width="{WIDTH}" height="{height:.0f}" rx="6"/>',
        *lines,
        "</svg>",
        "",
    ])


def search_chart(engines: dict, note: str) -> str:
    """Searches a second over recall, a line an engine."""
    shown = {
        key: [(recall, qps) for _, recall, qps in engine["curve"] if recall >= RECALL_MIN]
        for key, engine in engines.items()
    }
    rates = [qps for points in shown.values() for _, qps in points]
    low, high = 0.9 * min(rates), 1.1 * max(rates)
    width = WIDTH - LEFT - RIGHT
    depth = lambda recall: -math.log10(1 - min(recall, RECALL_MAX))
    span = depth(RECALL_MAX) - depth(RECALL_MIN)
    x = lambda recall: LEFT + width * (depth(recall) - depth(RECALL_MIN)) / span
    y = lambda qps: TOP + HEIGHT * (1 - math.log(qps / low) / math.log(high / low))
    lines = [
        f'  <text class="title" x="{MARGIN}" y="{MARGIN + 12}">Searches per second on one thread '
        "over recall@10 (up and right is better)</text>",
        f'  <text class="note" x="{MARGIN}" y="{MARGIN + 29}">{html.escape(note)}</text>',
    ]
    for recall in RECALL_TICKS:
        lines += [
            f'  <line class="grid" x1="{x(recall):.1f}" x2="{x(recall):.1f}" y1="{TOP}" '
            f'y2="{TOP + HEIGHT}"/>',
            f'  <text class="note" x="{x(recall):.1f}" y="{TOP + HEIGHT + 18}" '
            f'text-anchor="middle">{recall}</text>',
        ]
    for rate in (500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000):
        if low <= rate <= high:
            lines += [
                f'  <line class="grid" x1="{LEFT}" x2="{LEFT + width}" y1="{y(rate):.1f}" '
                f'y2="{y(rate):.1f}"/>',
                f'  <text class="note" x="{LEFT - 8}" y="{y(rate) + 4:.1f}" '
                f'text-anchor="end">{rate:,}</text>',
            ]
    labels = []
    for number, (key, points) in enumerate(shown.items()):
        if not points:
            continue
        kind = "ours" if engines[key]["product"] == "ragd" else "peer"
        places = " ".join(f"{x(recall):.1f},{y(qps):.1f}" for recall, qps in points)
        dash = DASHES[number % len(DASHES)] if key != "ragd-int8" else ""
        lines.append(f'  <polyline class="curve {kind}" stroke-dasharray="{dash}" '
                     f'points="{places}"/>')
        labels.append([y(points[-1][1]), x(points[-1][0]), engines[key]["title"], kind])
    lines += label_lines(labels)
    return frame(TOP + HEIGHT + 40, "Searches per second over recall", lines, LINE_STYLE)


def filter_chart(lines: list[tuple[str, bool, list[tuple[float, float]]]], note: str) -> str:
    """What 99 of 100 filtered searches stay below, over the share that is selected."""
    times = [time for _, _, points in lines for _, time in points]
    shares = [share for _, _, points in lines for share, _ in points]
    low, high = 0.8 * min(times), 1.25 * max(times)
    right = RIGHT + 60
    width = WIDTH - LEFT - right
    x = lambda share: LEFT + width * math.log(share / min(shares)) / math.log(max(shares) / min(shares))
    y = lambda time: TOP + HEIGHT * (1 - math.log(time / low) / math.log(high / low))
    drawn = [
        f'  <text class="title" x="{MARGIN}" y="{MARGIN + 12}">p99 of a filtered search in milliseconds over '
        "the share selected (down is better)</text>",
        f'  <text class="note" x="{MARGIN}" y="{MARGIN + 29}">{html.escape(note)}</text>',
    ]
    for share in (0.0001, 0.001, 0.01, 0.1, 1):
        drawn += [
            f'  <line class="grid" x1="{x(share):.1f}" x2="{x(share):.1f}" y1="{TOP}" y2="{TOP + HEIGHT}"/>',
            f'  <text class="note" x="{x(share):.1f}" y="{TOP + HEIGHT + 18}" '
            f'text-anchor="middle">{100 * share:g} %</text>',
        ]
    for power in range(-3, 5):
        if low <= 10 ** power <= high:
            drawn += [
                f'  <line class="grid" x1="{LEFT}" x2="{LEFT + width}" y1="{y(10 ** power):.1f}" '
                f'y2="{y(10 ** power):.1f}"/>',
                f'  <text class="note" x="{LEFT - 8}" y="{y(10 ** power) + 4:.1f}" '
                f'text-anchor="end">{10 ** power:g}</text>',
            ]
    labels = []
    for number, (name, is_ours, points) in enumerate(lines):
        kind = "ours" if is_ours else "peer"
        points = sorted(points)
        places = " ".join(f"{x(share):.1f},{y(time):.1f}" for share, time in points)
        drawn.append(f'  <polyline class="curve {kind}" stroke-dasharray="{DASHES[number % len(DASHES)]}" '
                     f'points="{places}"/>')
        labels.append([y(points[-1][1]), x(points[-1][0]), name, kind])
    return frame(
        TOP + HEIGHT + 40, "Time of a filtered search over the share selected",
        drawn + label_lines(labels), LINE_STYLE,
    )


def label_lines(labels: list[list]) -> list[str]:
    """The lines' names at their ends, pushed down where they would overlap."""
    lines, lowest = [], -math.inf
    for top, left, title, kind in sorted(labels):
        lowest = max(top, lowest + 15)
        bold = ' class="name-ours"' if kind == "ours" else ""
        lines.append(f'  <text{bold} x="{left + 8:.1f}" y="{lowest + 4:.1f}">'
                     f"{html.escape(title)}</text>")
    return lines


def build_chart(engines: dict, note: str, threads: int) -> str:
    """Bars of build time, and of bytes a vector."""
    ours = lambda engine: engine["product"] == "ragd"
    builds = [
        (engine["title"], engine["build_seconds"], f"{engine['build_seconds']:.1f} s", ours(engine))
        for engine in sorted(engines.values(), key=lambda engine: engine["build_seconds"])
    ]
    sizes = [
        (engine["title"], engine["bytes"], f"{engine['bytes']:,.0f}", ours(engine))
        for engine in sorted(engines.values(), key=lambda engine: engine["bytes"])
    ]
    second = MARGIN + panel_height(builds)
    return frame(
        second + panel_height(sizes),
        "Build time and bytes a vector",
        [
            *panel(MARGIN, f"Build on {threads} threads (less is better)", note, builds),
            *panel(second, "Bytes a vector of the whole index (less is better)",
                   "vectors, codes, links and keys; faiss SQ8 and usearch i8 keep no f32 vectors",
                   sizes),
        ],
    )
