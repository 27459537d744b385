"""micrograd: single numbers, eager."""

from __future__ import annotations

import sys
from pathlib import Path

from micrograd.engine import Value

from sides.work import SCALARS, Work, chain_of_scalars


def make(work: Work, folder: Path, form: str):
    return Graph()


class Graph:
    def __init__(self) -> None:
        sys.setrecursionlimit(100_000)  # it walks its graph recursively

    def run(self, steps: int) -> None:
        for _ in range(steps):
            self.values = [Value(v) for v in SCALARS]
            chain_of_scalars(*self.values, Value(0.0)).backward()

    def answer(self) -> float:
        return float(self.values[1].grad)
