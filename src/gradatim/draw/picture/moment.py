"""Moment: what a Tensor holds at one moment of a run, kept while the run goes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from gradatim.autograd.tensor import Parameter, Tensor
from gradatim.draw.picture.picture import Kind
from gradatim.types import Raw, Shape


@dataclass(eq=False, slots=True)
class Moment:
    """A Tensor as it was at one moment; what is written into it later makes another.

    Attributes
    ----------
    shape : tuple of int
        Sizes of the axes.
    dtype : str
        Type of the elements.
    wanted : bool
        Whether its gradient is wanted.
    kind : str
        What it is where the computation begins with it.
    raw : array or NumPy scalar, or None
        A copy of its numbers; None where they were overwritten before anyone looked.
    writes : int
        How often it had been written since the run began.
    name : str
        What it is called; known at the end of the run.
    """

    shape: Shape
    dtype: str
    wanted: bool
    kind: Kind
    raw: Raw | None
    writes: int = 0
    name: str = ""


class Moments:
    """The moments of all Tensors that a run meets.

    Copies are kept, so that neither the run itself nor what puts the model back changes what was
    seen: memory for every array that is met.

    Examples
    --------
    >>> import gradatim as gd
    >>> moments, state = Moments(), gd.Tensor([1.0, 2.0])
    >>> before = moments.of(state)
    >>> _ = state.assign(0.0)
    >>> after = moments.of(state)
    >>> before.raw.tolist(), after.raw.tolist(), moments.of(state) is after
    ([1.0, 2.0], [0.0, 0.0], True)
    """

    def __init__(self) -> None:
        self._now: dict[int, tuple[Tensor, Moment]] = {}  # the Tensors live on, so ids stay theirs
        self._all: list[tuple[Tensor, Moment]] = []

    def of(self, x: Tensor, kind: Kind | None = None) -> Moment:
        """Return what a Tensor holds now."""
        moment = self.latest(x)
        if moment is None:
            return self._keep(x, 0, kind or _kind_of(x), x.raw)
        return moment if _is_alike(moment.raw, x.raw) else self.written(x)

    def latest(self, x: Tensor) -> Moment | None:
        """Return what a Tensor held when it was last looked at."""
        found = self._now.get(id(x))
        return found[1] if found else None

    def before(self, x: Tensor) -> Moment:
        """Return what a Tensor held before it was written just now."""
        return self.latest(x) or self._keep(x, 0, _kind_of(x), None)

    def written(self, x: Tensor) -> Moment:
        """Return what a Tensor holds after it was written."""
        old = self.before(x)
        return self._keep(x, old.writes + 1, old.kind, x.raw)

    def call(self, names: Mapping[int, str]) -> None:
        """Give every moment its name: the Tensor's own, else by identity; a prime a write."""
        for x, moment in self._all:
            name = x.name or names.get(id(x)) or names.get(id(x.raw), "")
            moment.name = name and name + "′" * moment.writes

    def __iter__(self) -> Iterator[Moment]:
        return (moment for _, moment in self._all)

    def _keep(self, x: Tensor, writes: int, kind: Kind, raw: Raw | None) -> Moment:
        kept = raw.copy() if isinstance(raw, np.ndarray) else raw
        moment = Moment(x.raw.shape, x.raw.dtype.name, x.wanted, kind, kept, writes)
        self._now[id(x)] = x, moment
        self._all.append((x, moment))
        return moment


def _kind_of(x: Tensor) -> Kind:
    if isinstance(x, Parameter):
        return "parameter"
    return "variable" if x.wanted else "constant"


def _is_alike(a: Raw | None, b: Raw) -> bool:
    """Whether two arrays hold the same; NaN is like NaN."""
    if a is None or a.shape != b.shape or a.dtype != b.dtype:
        return False
    return bool(((a == b) | ((a != a) & (b != b))).all())
