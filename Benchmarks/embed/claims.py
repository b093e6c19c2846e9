"""What ragd's speed is to hold beside its peers, and whether this run showed it."""

# The limits are the project's own aims; each is a ratio within one run.
THROUGHPUT = (("bf16", "openvino-bf16", 1.25), ("int8", "openvino-bf16", 2.0),
              ("f32", "openvino-f32", 1.1))
COSINES = (("bf16", 0.9999, None), ("int8", 0.9975, 0.99))
NDCG_DIFFERENCE_MAX = 0.003
QUERY_SHARE_MAX = 0.4
HTTP_ADDED_MS_MAX = 0.6
HTTP_SHARE_MIN = 0.9
LOADED_RATIO_MAX = 6.0
INGEST_SHARE_MIN = 0.85


def table(rows: list[dict], extras: dict) -> str:
    """Each aim beside what was measured; an aim whose figures are missing is not listed."""
    found = [
        *throughput(rows), *quality(rows), *query(rows), *http(extras["http"]),
        *mixed(extras["mixed"]), *tokenizers(extras["tokenizers"]),
    ]
    if not found:
        return ""
    lines = ["| aim | limit | measured | |", "|---|---|---|---|"]
    lines += [f"| {aim} | {limit} | {value} | {verdict} |" for aim, limit, value, verdict in found]
    return "\n".join(lines)


def at_least(value: float, limit: float) -> str:
    return "holds" if value >= limit else f"short by {100 * (1 - value / limit):.1f} %"


def at_most(value: float, limit: float) -> str:
    return "holds" if value <= limit else f"over by {100 * (value / limit - 1):.1f} %"


def by_key(rows: list[dict]) -> dict[str, dict]:
    return {row["key"]: row for row in rows}


def throughput(rows):
    found = by_key(rows)
    for precision, peer, limit in THROUGHPUT:
        ours, theirs = found.get(f"ragd-{precision}"), found.get(peer)
        if ours and theirs and ours["run"]["id"] == theirs["run"]["id"]:
            ratio = ours["tokens_per_s"] / theirs["tokens_per_s"]
            yield (f"{precision}: tokens/s to those of {theirs['title']}", f"at least {limit}x",
                   f"{ratio:.2f}x", at_least(ratio, limit))


def quality(rows):
    found = by_key(rows)
    for precision, mean, least in COSINES:
        row = found.get(f"ragd-{precision}", {})
        if "cosine_mean" not in row:
            continue
        yield (f"{precision}: mean cosine to f32", f"at least {mean}",
               f"{row['cosine_mean']:.5f}", at_least(row["cosine_mean"], mean))
        if least is not None:
            yield (f"{precision}: least cosine to f32", f"at least {least}",
                   f"{row['cosine_min']:.5f}", at_least(row["cosine_min"], least))
    exact, coarse = found.get("ragd-f32", {}), found.get("ragd-int8", {})
    if "ndcg" in exact and "ndcg" in coarse:
        lost = abs(exact["ndcg"] - coarse["ndcg"])
        yield ("int8: nDCG@10 on Cranfield, difference to f32", f"at most {NDCG_DIFFERENCE_MAX}",
               f"{lost:.4f}", at_most(lost, NDCG_DIFFERENCE_MAX))


def query(rows):
    ours = [row for row in rows if row["product"] == "ragd"]
    peers = [row for row in rows if row["product"] != "ragd"]
    if ours and peers:
        quick, peer = (min(group, key=lambda row: row["query_p50"]) for group in (ours, peers))
        share = quick["query_p50"] / peer["query_p50"]
        yield (f"query p50 of {quick['title']} to that of {peer['title']}",
               f"at most {QUERY_SHARE_MAX}x", f"{share:.2f}x", at_most(share, QUERY_SHARE_MAX))


def http(extra):
    for precision, values in extra.items():
        share, added = values["share"], values["added_ms"]
        yield (f"{precision}: tokens/s of four HTTP clients of 32 texts to those in process",
               f"at least {HTTP_SHARE_MIN}x", f"{share:.2f}x", at_least(share, HTTP_SHARE_MIN))
        yield (f"{precision}: what HTTP adds to a query's p50", f"at most {HTTP_ADDED_MS_MAX} ms",
               f"{added:.2f} ms", at_most(added, HTTP_ADDED_MS_MAX))


def mixed(extra):
    for precision, values in extra.items():
        ratio, share = values["loaded_ratio"], values["ingest_share"]
        yield (f"{precision}: p99 of queries while ingest saturates the cores, to the idle p50",
               f"at most {LOADED_RATIO_MAX:.0f}x", f"{ratio:.1f}x",
               at_most(ratio, LOADED_RATIO_MAX))
        yield (f"{precision}: ingest rate with a query a second to that without",
               f"at least {INGEST_SHARE_MIN}x", f"{share:.2f}x",
               at_least(share, INGEST_SHARE_MIN))


def tokenizers(extra):
    for name, values in extra.items():
        ratio = values["ratio"]
        yield (f"tokenising {name}: speed to that of the tokenizers library", "at least 1x",
               f"{ratio:.1f}x", at_least(ratio, 1))
