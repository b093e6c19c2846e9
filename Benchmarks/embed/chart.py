"""Two bar charts in one SVG, by hand: readable on a light page and on a dark one."""

import html

WIDTH = 760
LABEL_WIDTH = 200
VALUE_WIDTH = 90
BAR_HEIGHT = 20
ROW_HEIGHT = 27
TITLE_HEIGHT = 42
MARGIN = 20

STYLE = """
  .page { fill: #ffffff; }
  text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; font-size: 15px; }
  .note { fill: #59636e; font-size: 12px; }
  .peer { fill: #8c959f; }
  .ours { fill: #0969da; }
  .name-ours { font-weight: 600; }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117; }
    text { fill: #f0f6fc; }
    .note { fill: #9198a1; }
    .peer { fill: #656c76; }
    .ours { fill: #4493f8; }
  }
"""


def panel(top: int, title: str, note: str, bars: list[tuple[str, float, str, bool]]) -> list[str]:
    """A chart of horizontal bars: name, value, figure to print, and whether it is ragd's."""
    lines = [
        f'  <text class="title" x="{MARGIN}" y="{top + 16}">{html.escape(title)}</text>',
        f'  <text class="note" x="{MARGIN}" y="{top + 33}">{html.escape(note)}</text>',
    ]
    room = WIDTH - 2 * MARGIN - LABEL_WIDTH - VALUE_WIDTH
    most = max(value for _, value, _, _ in bars)
    for row, (name, value, figure, ours) in enumerate(bars):
        y = top + TITLE_HEIGHT + row * ROW_HEIGHT
        width = max(2.0, room * value / most)
        x = MARGIN + LABEL_WIDTH
        kind, bold = ("ours", ' class="name-ours"') if ours else ("peer", "")
        lines += [
            f'  <text{bold} x="{x - 8}" y="{y + 15}" text-anchor="end">{html.escape(name)}</text>',
            f'  <rect class="{kind}" x="{x}" y="{y}" width="{width:.1f}" height="{BAR_HEIGHT}" '
            'rx="2"/>',
            f'  <text{bold} x="{x + width + 7:.1f}" y="{y + 15}">{html.escape(figure)}</text>',
        ]
    return lines


def panel_height(bars: list) -> int:
    return TITLE_HEIGHT + len(bars) * ROW_HEIGHT + MARGIN


def draw(measured: list[dict], note: str) -> str:
    """The chart of tokens per second, best first, and that of a query's time, quickest first."""
    ours = lambda row: row["product"] == "ragd"
    throughput = [
        (row["title"], row["tokens_per_s"], f"{row['tokens_per_s']:,.0f}", ours(row))
        for row in sorted(measured, key=lambda row: -row["tokens_per_s"])
    ]
    latency = [
        (row["title"], row["query_p50"], f"{row['query_p50']:.2f} ms", ours(row))
        for row in sorted(measured, key=lambda row: row["query_p50"])
    ]
    second = MARGIN + panel_height(throughput)
    height = second + panel_height(latency)
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" role="img" '
        'aria-label="Tokens per second and query time of ragd and its peers">',
        f"  <style>{STYLE}  </style>",
        f'  <rect class="page" width="{WIDTH}" height="{height}" rx="6"/>',
        *panel(MARGIN, "Tokens per second (more is better)", note, throughput),
        *panel(second, "One query of 19 tokens, p50 (less is better)", note, latency),
        "</svg>",
        "",
    ])
