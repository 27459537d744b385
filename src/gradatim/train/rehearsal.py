"""Rehearsal: steps that are taken to be recorded, and leave nothing behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from gradatim.autograd import modes
from gradatim.compiler import Compiled
from gradatim.compiler.plan import Plan
from gradatim.compiler.reach import MISSING, Reach, content
from gradatim.compiler.signals import SignalsHeld
from gradatim.errors import RecordingError
from gradatim.nn.snapshot import put_back
from gradatim.types import Array


@contextmanager
def rehearsing(step: Compiled, *holders: Any) -> Iterator[None]:
    """Put back whatever calls of a step change meanwhile.

    Parameters
    ----------
    step : Compiled
        What is called. All that its code leads to is put back: the Tensors and random generators
        that a loss closes over, variables, globals, lists.
    *holders : object
        Models, losses, or anything else with attributes, whole.

    Notes
    -----
    Cost: a copy of all numbers that are put back, and a walk through what the step sees.

    Examples
    --------
    >>> import gradatim as gd
    >>> total = gd.Tensor(0.0)
    >>> def adding(total):
    ...     return gd.compile(lambda x: total.assign(total + x))
    >>> step = adding(total)
    >>> with rehearsing(step):
    ...     _ = step(gd.Tensor(1.0))
    >>> total
    Tensor(0.)
    """
    reach = Reach([(step.__name__, step.__wrapped__)])
    tensors = (tensor for tensor, _ in reach.tensors)
    with ExitStack() as before:
        before.enter_context(put_back(*holders, *tensors, *reach.generators))
        try:
            yield
        finally:
            with SignalsHeld():
                _bind_again(reach)
                before.close()


def plan_of(
    step: Compiled, batch: Sequence[Array], other: Callable[[], Sequence[Array]], *holders: object
) -> Plan:
    """Return the program of a step for a batch; rehearse it on two if there is none yet.

    Parameters
    ----------
    step : Compiled
        The step.
    batch : sequence of array
        What it is called with.
    other : callable
        Gives another batch of the same form.
    *holders : object
        Whatever holds what a call may change.

    Raises
    ------
    RecordingError
        If there can be none; nothing has changed.
    """
    if modes.current().listeners:
        raise RecordingError(
            "compile: somebody listens (gd.listen), who would hear nothing of machine code.\n"
            "  Try compile=False, or to train outside of gd.listen."
        )
    known = step.known(*batch)
    if known is None:
        with rehearsing(step, *holders):
            step(*batch)
            step(*other())
        known = step.known(*batch)
    if known is None:
        raise RecordingError(
            "compile: the step changes what it sees in a way that cannot be put back.\n"
            "  Does somebody hold gradients of its parameters?"
        )
    return known


def _bind_again(reach: Reach) -> None:
    """Let every name mean again what it meant."""
    for cell, value, _ in reach.cells:
        if content(cell) is not value and value is not MISSING:
            cell.cell_contents = value
    for mapping, key, value, _ in reach.entries:
        if isinstance(mapping, dict) and mapping.get(key, MISSING) is not value:
            mapping[key] = value
    for row, values, _ in reach.rows:
        if isinstance(row, list) and tuple(map(id, row)) != tuple(map(id, values)):
            row[:] = values
