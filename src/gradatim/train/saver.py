"""Saver: model and history of a run, written now and then while it trains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any, NamedTuple

from gradatim.errors import StateError
from gradatim.nn import Module
from gradatim.store import RunFolder
from gradatim.train.history import Figures
from gradatim.train.state import TrainingState
from gradatim.types import Array

SECONDS = 1.0
"""From one writing to the next at least; a crash of the machine costs the evaluations since."""


class _Taken(NamedTuple):
    run: RunFolder
    weights: Mapping[str, Array]
    architecture: dict[str, object]
    rows: Sequence[Figures]


class Saver:
    """Keeps model and history as they were last evaluated, in the folder of the run.

    Evaluations may follow each other closely, and to write two files safely takes as long as a
    hundred steps of a small network. So they are written once a second at most; what has not been
    written yet is kept, until :meth:`write` is called.

    Examples
    --------
    >>> Saver().write()  # nothing was kept
    """

    def __init__(self) -> None:
        self._taken: _Taken | None = None
        self._due = float("-inf")

    def take(self, state: TrainingState) -> None:
        """Keep the model and history of ``state``, and write them if it is time.

        Raises
        ------
        DataError
            A file cannot be written.
        """
        if self._taken is not None and self._taken.run is not state.run:
            self.write()  # a callback has chosen another folder; that one keeps what was its own
        if state.run is None:
            return
        weights, rows = state.model.state_dict(), list(state.history.rows)
        self._taken = _Taken(state.run, weights, described(state.model), rows)
        if monotonic() >= self._due:
            self.write()

    def write(self) -> None:
        """Write what was kept last, unless that was done already.

        Raises
        ------
        DataError
            A file cannot be written.
        """
        if self._taken is None:
            return
        run, weights, architecture, rows = self._taken
        run.save_model(weights, architecture)
        run.save_history(rows)
        self._taken, self._due = None, monotonic() + SECONDS


def described(model: Module) -> dict[str, Any]:
    """Return the architecture of a model as plain data; the name of its class if it has none.

    Parameters
    ----------
    model : Module
        Any.

    Returns
    -------
    dict
        Ready for ``RunFolder.save_model``.

    Examples
    --------
    >>> import gradatim as gd
    >>> class Own(gd.nn.Module): ...
    >>> described(Own())
    {'class': 'Own'}
    """
    try:
        return model.architecture()
    except StateError:
        # A class of the user's own: the weights are saved all the same.
        return {"class": type(model).__name__}
