"""Evaluation as machine code: loss and accuracy of a model over a whole dataset in a few calls."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum, gcd, isfinite, prod
from time import perf_counter
from typing import Any

import numpy as np

from gradatim.autograd import Tensor, no_grad
from gradatim.compiler import Compiled
from gradatim.compiler.machine.team import Team
from gradatim.compiler.recorder import Slot
from gradatim.compiler.stretch import Stretch, Supply
from gradatim.data import Dataset
from gradatim.nn import Module
from gradatim.train.compiled import FIRST_STEPS, SECONDS
from gradatim.train.hits import hits, is_labelled
from gradatim.train.metrics import Loss, Tally, count_right, mean, modes_kept, tally
from gradatim.train.rehearsal import plan_of
from gradatim.train.supply import is_of, supply_of
from gradatim.types import Array

BATCH_BYTES = 1 << 21
"""Inputs of a batch: as much as stays in a cache, and makes copies of the weights worth while."""

OUTPUT_BYTES = 1 << 24
"""Outputs of one call, where they are kept to be counted: targets are no labels."""


class CompiledEvaluation:
    """Evaluates a model as :func:`evaluate` does, by a compiled program.

    Parameters
    ----------
    model : Module
        Evaluates (``eval``) meanwhile; left in the mode it was in.
    loss : callable
        ``loss(outputs, targets)``.
    dtype : dtype
        Of what the model is given.
    team : Team
        The threads.
    datasets : sequence of Dataset
        All that will be evaluated, so that one program fits them all.
    """

    def __init__(
        self,
        model: Module,
        loss: Loss,
        dtype: np.dtype[Any],
        team: Team,
        datasets: Sequence[Dataset],
    ) -> None:
        self._model, self._loss, self._dtype, self._team = model, loss, dtype, team
        self._size = batch_size(datasets, dtype)
        self._supplies: dict[int, tuple[Dataset, Supply, Sequence[Array]]] = {}
        self._stretches: dict[Any, Stretch] = {}
        self._seconds: float | None = None

        def look(x: Tensor, t: Tensor) -> tuple[Tensor, Any, Tensor | None]:
            outputs = model(x)
            if is_labelled(outputs, t):
                return loss(outputs, t), None, hits(outputs, t)
            return loss(outputs, t), outputs, None

        self.step = Compiled(look, "llvm")

    def __call__(self, dataset: Dataset) -> dict[str, float | None]:
        """Return ``loss`` and ``accuracy`` of the model on one of the datasets.

        Raises
        ------
        RecordingError
            If the model or the loss cannot be compiled.
        """
        whole = len(dataset) - len(dataset) % self._size
        tallies = [self._whole_batches(dataset, whole)] if whole else []
        if whole < len(dataset):
            rest = dataset.subset(slice(whole, None))
            tallies.append(tally(self._model, rest, self._loss, dtype=self._dtype))
        return mean(tallies)

    def _whole_batches(self, dataset: Dataset, count: int) -> Tally:
        with no_grad(), modes_kept(self._model):
            self._model.eval()
            supply, batch = self._supply(dataset)
            rows = np.arange(count).reshape(-1, self._size)
            losses: list[Array] = []
            right: float | None = 0
            stretch = self._stretch(supply, batch, rows)
            while rows.size:
                some, rows = rows[: self._most(stretch)], rows[self._most(stretch) :]
                found, more = self._looked(stretch, supply, some)
                losses.append(found)
                right = None if right is None or more is None else right + more
        if right is not None and not isfinite(right):  # they must be looked at one by one
            return tally(self._model, dataset.subset(slice(count)), self._loss, dtype=self._dtype)
        total = _sum(np.concatenate(losses)) * self._size
        return Tally(total, None if right is None else int(right), count)

    def _supply(self, dataset: Dataset) -> tuple[Supply, Sequence[Array]]:
        """The data, and a batch of it, which shows of what form all are."""
        known = self._supplies.get(id(dataset))
        if known is None or not is_of(known[1], dataset):
            supply = supply_of(dataset, self._dtype)
            known = dataset, supply, supply.gather(np.arange(self._size))
            self._supplies[id(dataset)] = known
        return known[1:]

    def _looked(self, stretch: Stretch, supply: Supply, rows: Array) -> tuple[Array, float | None]:
        """The loss of each batch, and how many samples of all are classified rightly."""
        begun = perf_counter()
        results = stretch.run(supply, rows)
        self._seconds = (perf_counter() - begun) / len(rows)
        loss, outputs, right = stretch.plan.returned
        if right is not None:
            return results[loss.position], fsum(results[right.position].tolist())
        if not isinstance(outputs, Slot):
            return results[loss.position], None
        found = results[outputs.position]
        targets = supply.sources[1].array[rows[0, 0] : rows[-1, -1] + 1]
        return results[loss.position], count_right(found.reshape(-1, *found.shape[2:]), targets)

    def _most(self, stretch: Stretch) -> int:
        """Batches of one call: as long as Ctrl-C may wait, as much as memory is worth."""
        nbytes = sum(value.nbytes for value in stretch.plan.program.results)
        steps = FIRST_STEPS if self._seconds is None else int(SECONDS / self._seconds)
        return max(1, min(steps, OUTPUT_BYTES // max(1, nbytes)))

    def _stretch(self, supply: Supply, batch: Sequence[Array], rows: Array) -> Stretch:
        holders = self._model, self._loss
        plan = plan_of(self.step, batch, lambda: supply.gather(rows[-1]), *holders)
        feeds = supply.feeds(plan.program.arguments)
        key = plan, tuple(feed[1:] for feed in feeds)
        if key not in self._stretches:
            self._stretches[key] = Stretch(plan, feeds, (), self._team, watched=False)
        return self._stretches[key]


def _sum(losses: Array) -> float:
    """Their exact sum, so that it does not depend on how far each call went."""
    try:
        return fsum(losses.tolist())
    except (ValueError, OverflowError):  # infinities of both signs, or more than a float holds
        return sum(losses.tolist())


def batch_size(datasets: Sequence[Dataset], dtype: np.dtype[Any]) -> int:
    """Return how many samples to evaluate at once, so that they divide all datasets if possible.

    Parameters
    ----------
    datasets : sequence of Dataset
        Of inputs of one shape.
    dtype : dtype
        Of what the model is given.

    Examples
    --------
    >>> images = [Dataset(np.zeros((n, 784), np.uint8), np.zeros(n, int)) for n in (600, 1000)]
    >>> batch_size(images, np.dtype("f4"))
    200
    """
    nbytes = prod(datasets[0].input_shape) * dtype.itemsize
    smallest = min(map(len, datasets))
    most = max(1, min(BATCH_BYTES // max(1, nbytes), smallest))
    common = gcd(*map(len, datasets))
    divisor = max(d for d in range(1, most + 1) if common % d == 0)
    return divisor if 4 * divisor >= most else most
