"""The grain of a function: how large the numbers are that it rounds on the way to its outputs."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from gradatim.autograd.modes import listen


class Grain:
    """The largest number among the results of all primitives, found when it is first asked for."""

    def __init__(self, run: Callable[[], Any]) -> None:
        self._run = run

    def __call__(self) -> float:
        """Return it."""
        return self._largest

    @cached_property
    def _largest(self) -> float:
        sizes = [1.0]  # a primitive of many steps, as softmax is, rounds numbers near 1 inside

        def note(*call: Any) -> None:
            values = np.abs(np.asarray(call[3].raw, dtype=np.float64))
            sizes.append(float(values[np.isfinite(values)].max(initial=0.0)))

        with listen(note):
            self._run()
        return max(sizes)
