"""Checkpoints: everything that a training needs to go on as if it had never stopped.

One file of arrays (safetensors, or npz by its suffix) with JSON in its metadata: weights, state of
the optimizer, of the callbacks and of every source of random numbers inside the model, history,
and the settings on which the batches depend. It appears whole or not at all, and cannot run code.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gradatim.data import Loader
from gradatim.errors import DataError, StateError
from gradatim.nn import Module
from gradatim.store import RunFolder, load_weights, save_weights
from gradatim.store.run import CHECKPOINT
from gradatim.train.history import History
from gradatim.train.state import TrainingState
from gradatim.types import Array

_MARK = "gradatim.checkpoint"
_VERSION = 1


@dataclass(frozen=True)
class Saved:
    """What stands in a checkpoint.

    Parameters
    ----------
    path : Path
        The file.
    arrays : dict of str to Array
        Under ``model/``, ``optimizer/``, ``callbacks/0/`` and ``losses``.
    notes : dict
        Everything that is no array.
    """

    path: Path
    arrays: dict[str, Array]
    notes: dict[str, Any]

    @property
    def step(self) -> int:
        """Number of updates made."""
        return len(self.arrays["losses"])

    def history(self) -> History:
        """Return the history up to here."""
        return History(self.notes["rows"], self.arrays["losses"].tolist())

    def restore(self, state: TrainingState) -> None:
        """Give the model, the optimizer and the callbacks of a ``state`` what was saved.

        Raises
        ------
        StateError
            The checkpoint is of another training: other data, settings, optimizer or callbacks.
        """
        self._check(state)
        state.model.load_state_dict(self._under("model/"))
        state.optimizer.load_state_dict(self._under("optimizer/"))
        for i, plain in enumerate(self.notes["callbacks"]):
            arrays = self._under(f"callbacks/{i}/")
            if plain or arrays:
                state.callbacks[i].load_state_dict({**plain, **arrays})
        for path, source in _random_sources(state.model):
            _set_random_state(source, self.notes["random"][path])

    def _check(self, state: TrainingState) -> None:
        now = _settings(state)
        faults = [
            f"{key}: {self.notes['settings'].get(key)!r} when it was saved, {value!r} now"
            for key, value in now.items()
            if self.notes["settings"].get(key) != value
        ]
        if faults:
            raise StateError(
                f"fit: {self.path}: this checkpoint is of another training:\n  "
                + "\n  ".join(faults)
                + "\n  Give fit and Trainer what they were given then, or leave out resume=."
            )

    def _under(self, prefix: str) -> dict[str, Array]:
        return {
            name.removeprefix(prefix): value
            for name, value in self.arrays.items()
            if name.startswith(prefix)
        }


def save_checkpoint(path: str | os.PathLike[str], state: TrainingState) -> None:
    """Write a checkpoint.

    Parameters
    ----------
    path : str or path
        Ends in ``.safetensors`` or ``.npz``; replaced whole.
    state : TrainingState
        A training between two steps.

    Raises
    ------
    DataError
        The file cannot be written.

    Examples
    --------
    >>> import tempfile, gradatim as gd
    >>> data = gd.data.xor()
    >>> model = gd.nn.MLP([2, 4, 2], rng=0)
    >>> optimizer = gd.optim.SGD(model)
    >>> trainer = gd.train.Trainer(model, gd.cross_entropy, optimizer, progress="none")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = trainer.fit(data, steps=2, batch_size=2)
    ...     save_checkpoint(f"{folder}/two.safetensors", trainer.state)
    ...     load_checkpoint(f"{folder}/two.safetensors").step
    2
    """
    arrays: dict[str, Array] = {"losses": state.history.losses}
    arrays |= {f"model/{name}": value for name, value in state.model.state_dict().items()}
    arrays |= {f"optimizer/{name}": value for name, value in state.optimizer.state_dict().items()}
    callbacks = [_parted(callback.state_dict()) for callback in state.callbacks]
    for i, (_, inner) in enumerate(callbacks):
        arrays |= {f"callbacks/{i}/{name}": value for name, value in inner.items()}
    notes = {
        "version": _VERSION,
        "rows": state.history.rows,
        "settings": _settings(state),
        "callbacks": [plain for plain, _ in callbacks],
        "random": {path: _random_state(source) for path, source in _random_sources(state.model)},
    }
    save_weights(path, arrays, {_MARK: json.dumps(notes, default=_as_json)})


def load_checkpoint(path: str | os.PathLike[str] | RunFolder) -> Saved:
    """Read a checkpoint; `Trainer.fit` does it by itself with ``resume=path``.

    Parameters
    ----------
    path : str, path or RunFolder
        The file, or the folder of a run that holds one.

    Returns
    -------
    Saved
        Nothing is restored yet.

    Raises
    ------
    DataError
        The file is missing, damaged, no checkpoint, or of a newer format.

    Examples
    --------
    >>> load_checkpoint("absent.safetensors")
    Traceback (most recent call last):
        ...
    gradatim.errors.DataError: load_weights: absent.safetensors: there is no such file; ...
    """
    file = path.path if isinstance(path, RunFolder) else Path(path)
    if file.is_dir():
        file = _inside(file)
    arrays, metadata = load_weights(file)
    if _MARK not in metadata or "losses" not in arrays:
        raise DataError(
            f"load_checkpoint: {file}: this holds weights but is no checkpoint: a training cannot "
            "go on from it.\n  Try model.load_state_dict with gd.store.load_weights, and a new "
            "training."
        )
    try:
        notes = json.loads(metadata[_MARK])
        version = notes["version"]
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"load_checkpoint: {file}: its notes are damaged ({error}).") from error
    if version != _VERSION:
        raise DataError(
            f"load_checkpoint: {file}: it is of version {version}, this release reads "
            f"{_VERSION}.\n  Try a newer gradatim."
        )
    return Saved(file, arrays, notes)


def _inside(folder: Path) -> Path:
    file = folder / CHECKPOINT
    if not file.is_file():
        raise DataError(
            f"load_checkpoint: {folder}: there is no {CHECKPOINT} in it; a finished training "
            "leaves none.\n  Try callbacks=[gd.train.Checkpoint(every=1000)] next time."
        )
    return file


def _settings(state: TrainingState) -> dict[str, Any]:
    """What must be the same for the steps to be the same."""
    loader: Loader = state.loader
    return {
        "batch_size": loader.batch_size,
        "sampling": loader.sampling,
        "seed": loader.seed,
        "drop_last": bool(loader.drop_last),
        "dtype": loader.dtype.name,
        "data": loader.dataset.checksum,
        "optimizer": type(state.optimizer).__name__,
        "callbacks": [callback.name for callback in state.callbacks],
    }


def _parted(saved: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Array]]:
    """What JSON can hold, and arrays."""
    arrays = {name: value for name, value in saved.items() if isinstance(value, np.ndarray)}
    return {name: value for name, value in saved.items() if name not in arrays}, arrays


def _random_sources(model: Module) -> Iterator[tuple[str, Any]]:
    for path, module in model.named_modules():
        for name, value in vars(module).items():
            if isinstance(value, (np.random.Generator, np.random.RandomState)):
                yield f"{path}.{name}", value


def _random_state(source: Any) -> Any:
    if isinstance(source, np.random.RandomState):
        return source.get_state(legacy=False)
    return source.bit_generator.state


def _set_random_state(source: Any, state: Any) -> None:
    if isinstance(source, np.random.RandomState):
        source.set_state(state)
    else:
        source.bit_generator.state = state


def _as_json(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} is neither plain data nor an array")
