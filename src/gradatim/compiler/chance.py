"""What a step draws at random, and that all of it was drawn by primitives.

A program draws from the same generators as the step, one line for each draw. Numbers that came
from anywhere else would be the same in every call.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterable
from typing import Any

import numpy as np

from gradatim.compiler.program import Line
from gradatim.errors import RecordingError
from gradatim.types import Random


class Chance:
    """Where all generators of random numbers stood when a step began.

    Parameters
    ----------
    generators : iterable of Generator or RandomState
        Those that the step can see; NumPy's and Python's own are looked at as well.
    """

    def __init__(self, generators: Iterable[Random]) -> None:
        self._seen: dict[int, Random] = {id(g): g for g in (*generators, _numpys_own())}
        # Together, so that two generators of one stream have one stream again.
        self._twins = dict(zip(self._seen, copy.deepcopy([*self._seen.values()])))
        self._pythons = random.getstate()

    def check(self, lines: Iterable[Line]) -> None:
        """Refuse a step that drew anything beside the draws among its ``lines``.

        Parameters
        ----------
        lines : iterable of Line
            What was recorded since.

        Raises
        ------
        RecordingError
            If a generator stands elsewhere than where these draws leave it, or is out of sight.
        """
        for line in lines:
            if line.primitive.kind == "chance":
                self._repeat(line)
        moved = [g for i, g in self._seen.items() if not _alike(_state(g), _state(self._twins[i]))]
        if moved or random.getstate() != self._pythons:
            raise RecordingError(
                "compile: the step draws random numbers that no primitive drew; a program would "
                "repeat them for ever.\n  Try gd.uniform or gd.normal with a generator that is "
                "made outside the step, or hand the numbers in as an argument."
            )

    def _repeat(self, line: Line) -> None:
        twin = self._twins.get(id(line.settings["rng"]))
        if twin is None:
            raise RecordingError(
                f"compile: {line.primitive.name} at {line.place} draws from a generator that was "
                "not there when the step began, or that its code does not name.\n  A program goes "
                "on drawing from one that outlives the call.\n  Try to make it outside the step."
            )
        line.primitive.forward(**{**line.settings, "rng": twin})


def _numpys_own() -> Any:
    """The generator behind ``np.random.rand`` and its like."""
    return np.random.random_sample.__self__  # type: ignore[attr-defined]


def _state(rng: Random) -> Any:
    if isinstance(rng, np.random.RandomState):
        return rng.get_state(legacy=False)
    return rng.bit_generator.state


def _alike(one: Any, two: Any) -> bool:
    if isinstance(one, dict):
        return all(_alike(part, two[key]) for key, part in one.items())
    return bool(np.array_equal(one, two))
