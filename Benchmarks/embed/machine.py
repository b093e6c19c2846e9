"""What the figures were measured on."""

import datetime
import importlib.metadata
import os
import pathlib
import subprocess

# What decides how fast products of f32, bf16 and int8 can be; in the order of appearance.
FEATURES = (
    "avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "avx_vnni", "amx_bf16", "amx_int8",
    "asimd", "asimddp", "i8mm", "bf16", "sve",
)


def describe(repository: pathlib.Path) -> dict:
    """CPU, its features, cores, date and commit."""
    fields = {}
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            name, _, value = line.partition(":")
            fields.setdefault(name.strip(), value.strip())
    flags = set((fields.get("flags") or fields.get("Features") or "").split())
    return {
        "cpu": model_name(fields),
        "features": [feature for feature in FEATURES if feature in flags],
        "cores": len(os.sched_getaffinity(0)),
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        "commit": commit(repository),
    }


def model_name(fields: dict) -> str:
    name = fields.get("model name") or fields.get("CPU part") or "unknown"
    family = {("25", "17"): "Zen 4", ("25", "1"): "Zen 3", ("26", "2"): "Zen 5"}.get(
        (fields.get("cpu family"), fields.get("model"))
    )
    return f"{name} ({family})" if family else name


def commit(repository: pathlib.Path) -> str:
    git = lambda *words: subprocess.run(
        ["git", "-C", str(repository), *words], capture_output=True, text=True
    ).stdout.strip()
    changed = git("status", "--porcelain", "--untracked-files=no", "--", "Sources", "Benchmarks")
    return git("rev-parse", "--short", "HEAD") + (" with changes" if changed else "")


def version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "?"
