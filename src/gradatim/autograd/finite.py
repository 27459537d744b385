"""The hunt for the first number that is not finite: which primitive made it, and where."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from gradatim.autograd import modes
from gradatim.autograd.place import Place, here, line
from gradatim.autograd.tensor import Tensor
from gradatim.errors import DivergenceError
from gradatim.primitives import Primitive
from gradatim.types import Array, Raw, Settings

_HINTS = {
    "log": "log is finite above 0 only; a loss that takes logits needs no log: gd.cross_entropy.",
    "log2": "log2 is finite above 0 only.",
    "log10": "log10 is finite above 0 only.",
    "log1p": "log1p is finite above -1 only.",
    "divide": "Try adding a small number to what is divided by, or gd.where with it and 1.",
    "sqrt": "sqrt has no finite slope at 0 and no value below; try gd.sqrt(x + 1e-12).",
    "power": "A negative power needs numbers that are not 0, a broken one numbers above 0.",
    "exp": "exp overflows above 88 in float32, 709 in float64; try gd.softmax or gd.logsumexp.",
}
_TOO_LARGE = "Numbers grow too large: try a smaller learning rate, scaled inputs, smaller weights."


@contextmanager
def finite() -> Iterator[None]:
    """Raise at the first primitive whose result is NaN or infinite, in forward or backward.

    Each primitive that runs inside is looked at. It is the culprit if it makes an infinity of
    finite numbers, or NaN of numbers without NaN; so is a Tensor that brings NaN from outside.

    Raises
    ------
    DivergenceError
        Names the primitive, its inputs, the first element concerned and the line of the user's
        program; in backward also the forward primitive whose rule it is, and that one's line.

    Notes
    -----
    Cost: some microseconds and one pass over the result for every primitive, and a slower
    backward pass, for a training step three to ten times as long. Concerns this thread only.

    Examples
    --------
    >>> import gradatim as gd
    >>> with np.errstate(divide="ignore"), gd.check.finite():
    ...     gd.log(gd.Tensor([1.0, 0.0])) * 2
    Traceback (most recent call last):
        ...
    gradatim.errors.DivergenceError: finite: log, in forward at ..., gave -inf for 1 of 2 ...
    """
    with modes.listen(Hunt()):
        yield


class Hunt:
    """A listener that raises at the first culprit; see :func:`finite`."""

    def __init__(self) -> None:
        # The Tensors are kept with their places, else their ids could be given anew.
        self._made: dict[int, tuple[Tensor, Place]] = {}
        self._infinite = ""

    def __call__(
        self, primitive: Primitive, inputs: tuple[Any, ...], settings: Settings, output: Any
    ) -> None:
        """Look at one call of a ``primitive``: its ``inputs``, ``settings`` and ``output``."""
        if modes.current().phase != "backward":
            self._made[id(output)] = output, here(2)
        if _is_finite(output.raw):
            return
        for name, x in zip(_names(primitive, inputs), inputs):
            if x is output:
                continue  # what is written into holds the result by now
            if _has_nan(x.raw):
                raise self._arrived(primitive, name, x)
            if not _is_finite(x.raw) and id(x) not in self._made:
                told = f"{primitive.name}, {self._where()}, was given {name} with infinities."
                self._infinite = self._infinite or f" Before that, {told}"
        others = (x for x in inputs if x is not output)
        if _has_nan(output.raw) or all(_is_finite(x.raw) for x in others):
            raise self._culprit(primitive, inputs, output)

    def _culprit(
        self, primitive: Primitive, inputs: tuple[Tensor, ...], output: Tensor
    ) -> DivergenceError:
        count, place, value = _first(output.raw)
        names = _names(primitive, inputs)
        told = ", ".join(
            f"{name} is {_described(x)}{_at(x.raw, output.raw, place)}"
            for name, x in zip(names, inputs)
        )
        pulled = self._pulled()
        hint = _HINTS.get(pulled.origin[0].name) if pulled is not None and pulled.origin else None
        hint = hint or _HINTS.get(primitive.name, _TOO_LARGE)
        return DivergenceError(
            f"finite: {primitive.name}, {self._where()}, gave {value} for {count} of "
            f"{output.size} elements, the first at {list(place)}: {told}.\n"
            f"  It is the first result that is not finite.{self._infinite} {hint}"
        )

    def _arrived(self, primitive: Primitive, name: str, x: Tensor) -> DivergenceError:
        count, place, value = _first(np.where(np.isnan(x.raw), x.raw, 0))
        return DivergenceError(
            f"finite: {primitive.name}, {self._where()}, was given {value} already: {name} is "
            f"{_described(x)} and holds {count} of them, the first at {list(place)}.\n"
            f"  {self._source()}"
        )

    def _source(self) -> str:
        """Where a number may come from that no primitive made: in backward, a rule in NumPy."""
        y = self._pulled()
        makers = [
            f"the rule of {made.origin[0].name} at {line(place)}"
            for made, place in self._made.values()
            if y is not None and made.origin is not None and any(x is y for x in made.origin[1])
        ]
        if makers:
            return f"It is the gradient that came from {' and '.join(makers)}."
        return (
            "No primitive made them. Look where these numbers came from: the data, a weight, "
            "plain NumPy."
        )

    def _pulled(self) -> Tensor | None:
        """Return the result whose rule is at work, in backward."""
        now = modes.current()
        pulled: Tensor | None = now.pulling
        return pulled if now.phase == "backward" else None

    def _where(self) -> str:
        y = self._pulled()
        if y is None or y.origin is None:
            return f"in {modes.current().phase} at {line(here(3))}"
        made = self._made.get(id(y))
        place = made[1] if made else y.place
        return f"in backward, in the rule of {y.origin[0].name} at {line(place)}"


def _is_finite(raw: Raw) -> bool:
    return raw.dtype.kind != "f" or bool(np.isfinite(raw).all())


def _has_nan(raw: Raw) -> bool:
    return raw.dtype.kind == "f" and bool(np.isnan(raw).any())


def _first(raw: Raw) -> tuple[int, tuple[int, ...], float]:
    """How many are not finite, where the first one is, and what it is; NaN before infinities."""
    array = np.asarray(raw)
    found: Array = np.isnan(array)
    if not found.any():
        found = ~np.isfinite(array)
    place = tuple(int(i) for i in np.argwhere(found)[0])
    return int(found.sum()), place, float(array[place])


def _names(primitive: Primitive, inputs: tuple[Tensor, ...]) -> list[str]:
    names = [name.rstrip("*_") for name in primitive.inputs]
    names += [names[-1]] * (len(inputs) - len(names))
    return [x.name or name for name, x in zip(names, inputs)]


def _described(x: Tensor) -> str:
    return f"{x.dtype}{x.shape}" if x.raw.ndim else f"{x.raw:g}"


def _at(raw: Raw, output: Raw, place: tuple[int, ...]) -> str:
    """The number of an input that met the first culprit, where the shapes tell which it was."""
    if raw.ndim == 0 or raw.shape != output.shape:
        return ""
    return f", there {raw[place]:g}"
