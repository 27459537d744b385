"""Results as tables."""

from __future__ import annotations

import importlib.metadata
import math
import os
import platform
import time

from gradatim.store import machine
from sides.catalogue import SIDES
from sides.rounds import Result
from sides.table import Table, micro, ratio
from sides.work import Work

AGREE = {"network": 2e-3, "scalars": 1e-4, "matrices": 1e-3}
"""How far answers may lie apart: a relu that flips by rounding moves a loss by some 1e-4."""
PACKAGES = ("numpy", "llvmlite", "jax", "torch", "scikit-learn", "keras", "autograd", "micrograd")


def heading(threads: int, peak: float, product: float) -> str:
    """Day, processor, threads, its peaks, and versions; no name of the machine or its owner."""
    about = machine()
    versions = []
    for name in PACKAGES:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            versions.append(f"{name} not installed")
    return (
        f"{time.strftime('%Y-%m-%d')}, {about['cpu']}, {about['architecture']}, "
        f"{about['cores']} processors to use, {threads} thread{'s' * (threads != 1)} a side, "
        f"load {_load()}, "
        f"Python {platform.python_version()}, {', '.join(versions)}. Peak of float32: "
        f"{peak / 1e9:,.0f} Gflop/s in registers, {product / 1e9:,.0f} in NumPy's product of "
        "2048 x 2048."
    )


def _load() -> str:
    """How busy the machine was before."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def reference(results: dict[str, Result]) -> str:
    """The way people train with gradatim, if it was measured, else the next to it."""
    there = [name for name, result in results.items() if result.seconds]
    for name in ("run", "call", "printed", "eager"):
        if name in there:
            return name
    return there[0] if there else ""


def of_work(work: Work, results: dict[str, Result], absent: list[str], peak: float) -> Table:
    """A row a side: times, ours as a share of them, memory, and whether it learned the same."""
    ours = reference(results)
    unit = "step" if work.kind == "network" else "run"
    share = f"{ours} / it" if ours else "share"
    columns = (f"us a {unit}", "quartiles", share, "processors", "peak MB", "differs by")
    table = Table(f"{work.title} (us, median of rounds)", "side", *columns)
    for name, result in results.items():
        if result.seconds:
            table.add(SIDES[name].title, *_figures(result, results[ours], AGREE[work.kind]))
        else:
            table.note(f"failed: {SIDES[name].title}: {result.failure}")
    for sentence in absent:
        table.note(sentence)
    if ours and work.flops:
        share = work.flops / results[ours].median / peak
        amount = f"{work.flops / 1e6:,.1f} Mflop a step, zeros counted"
        table.note(f"{amount}; {SIDES[ours].title}: {share:.0%} of the measured peak")
    return table


def _figures(result: Result, ours: Result, tolerance: float) -> tuple[str, ...]:
    low, high = result.quartiles
    apart = abs(result.answer - ours.answer) / abs(ours.answer)
    mark = "" if apart <= tolerance else " (!)"
    return (
        micro(result.median),
        f"{micro(low)} - {micro(high)}",
        ratio(ours.median, result.median),
        f"{result.processors:.1f}",
        f"{result.peak_bytes / 1e6:.0f}",
        "0" if apart == 0 else f"{apart:.0e}{mark}",
    )


def of_first_steps(work: Work, found: dict[str, tuple[Result, Result]], absent: list[str]) -> Table:
    title = f"Start, {work.title}: s from the start of the process to the end of the third step"
    table = Table(title, "side", "no code kept", "once more", "peak MB")
    for name, (cold, warm) in found.items():
        if cold.seconds:
            seconds = (f"{cold.median:.2f}", f"{warm.median:.2f}")
            table.add(SIDES[name].title, *seconds, f"{cold.peak_bytes / 1e6:.0f}")
        else:
            table.note(f"failed: {SIDES[name].title}: {cold.failure}")
    for sentence in absent:
        table.note(sentence)
    return table


def best_peer(results: dict[str, Result]) -> str:
    """The fastest side that is not ours; none if there is none."""
    there = [n for n, result in results.items() if result.seconds and SIDES[n].peer]
    return min(there, key=lambda name: results[name].median, default="")


def of_growth(title: str, peak: float) -> Table:
    columns = ("ours, us", "best peer", "us", "ours / it", "ours / torch eager", "share of peak")
    table = Table(title, "", *columns)
    table.note(f"peak: {peak / 1e9:,.0f} Gflop/s of float32, measured by a loop of multiply-adds")
    return table


CLIFF = 1.3


def add_growth(table: Table, label: str, work: Work, results: dict[str, Result], peak: float):
    """One size: our time, the best peer's, and how much of what the machine can do is reached."""
    ours, best = results[reference(results)].median, best_peer(results)
    theirs = results[best].median if best else math.nan
    eager = results["torch"].median if "torch" in results else math.nan
    mark = " (!)" if ours > CLIFF * eager else ""
    shares = (ratio(ours, theirs), ratio(ours, eager) + mark, f"{work.flops / ours / peak:.0%}")
    table.add(label, micro(ours), best or "-", micro(theirs), *shares)
