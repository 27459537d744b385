"""A run: the folder in which a training leaves its model, its course and its origin."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from gradatim.atomic import unwritable
from gradatim.errors import DataError
from gradatim.store.history import Figure, read_history, write_history
from gradatim.store.manifest import read_manifest, stamped, unstamped, write_manifest
from gradatim.store.weights import load_weights, save_weights
from gradatim.types import Array

MODEL, HISTORY, MANIFEST = "model.safetensors", "history.csv", "run.json"
"""Names of the files in a run."""

CHECKPOINT = "checkpoint.safetensors"
"""Name of what a training that was stopped goes on from; it writes and reads it itself."""

_OWN = (MODEL, HISTORY, MANIFEST, CHECKPOINT, "curves.svg", "curves.png")
_ARCHITECTURE = "gradatim.architecture"


@dataclass(frozen=True)
class RunFolder:
    """The folder of one run.

    ::

        model.safetensors   weights, and the architecture as JSON in the metadata
        history.csv         one row an evaluation
        run.json            settings, seed, versions, machine, times
        curves.svg          the history drawn

    Make one with `create` or `open`.

    Parameters
    ----------
    path : Path
        The folder.

    Examples
    --------
    >>> import numpy as np, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = RunFolder.create(f"{folder}/first")
    ...     run.save_model({"w": np.ones(2)}, {"layers": [2, 1]})
    ...     run.save_history([{"step": 0, "loss": 2.3}])
    ...     arrays, architecture = RunFolder.open(run.path).load_model()
    >>> arrays["w"].tolist(), architecture
    ([1.0, 1.0], {'layers': [2, 1]})
    """

    path: Path

    @classmethod
    def create(
        cls,
        path: str | os.PathLike[str] | None = None,
        name: str = "run",
        *,
        overwrite: bool = False,
        root: str | os.PathLike[str] = "runs",
    ) -> RunFolder:
        """Make the folder of a new run.

        Parameters
        ----------
        path : str or path, optional
            The folder: absent or empty. By default ``root/name-001``, ``root/name-002`` and so
            on: the first number after those that are taken, also when several start at once.
        name : str
            Letters, digits, ``.``, ``_`` and ``-``.
        overwrite : bool
            Allow ``path`` to be an earlier run; its files are removed, other files stay.
        root : str or path
            Where runs without a path are kept.

        Returns
        -------
        RunFolder
            A folder that holds a ``run.json`` with nothing in it but the mark of a run.

        Raises
        ------
        DataError
            The folder holds something, or cannot be made.

        Examples
        --------
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     [RunFolder.create(None, "digits", root=folder).path.name for _ in range(2)]
        ['digits-001', 'digits-002']
        """
        try:
            run = cls(_numbered(Path(root), name) if path is None else Path(path))
            if path is not None:
                run._take(overwrite)
        except OSError as error:
            place = Path(root) if path is None else Path(path)
            raise DataError(unwritable(place, error)) from error
        run.save_manifest({})
        return run

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> RunFolder:
        """Find an earlier run.

        Parameters
        ----------
        path : str or path
            The folder, or one of the files in it.

        Returns
        -------
        RunFolder
            The run; its files are read when they are asked for.

        Raises
        ------
        DataError
            There is no such folder, or it is not a run.

        Examples
        --------
        >>> RunFolder.open("absent")
        Traceback (most recent call last):
            ...
        gradatim.errors.DataError: RunFolder.open: absent: there is no such folder; ...
        """
        folder = Path(path)
        if folder.is_file() and folder.name in _OWN:
            folder = folder.parent
        if not folder.is_dir():
            raise DataError(
                f"RunFolder.open: {folder}: {_state(folder)}; a run is a folder that holds "
                f"{MANIFEST}. Try `gradatim train` to make one."
            )
        if not (folder / MANIFEST).is_file():
            raise DataError(
                f"RunFolder.open: {folder}: there is no {MANIFEST} in it, so this is not a run. "
                f"{_runs_inside(folder)}"
            )
        return cls(folder)

    def save_model(self, arrays: Mapping[str, Array], architecture: Mapping[str, Any]) -> None:
        """Write the weights, with what is needed to build the model again.

        Parameters
        ----------
        arrays : mapping of str to array of any shape
            The weights by name.
        architecture : mapping
            Values that JSON can hold.

        Raises
        ------
        DtypeError
            A weight is not an array of numbers, or the architecture holds something else.
        DataError
            The file cannot be written.
        """
        text = json.dumps(stamped(architecture), allow_nan=False)
        save_weights(self.path / MODEL, arrays, {_ARCHITECTURE: text})

    def load_model(self) -> tuple[dict[str, Array], dict[str, Any]]:
        """Read the weights and the architecture.

        Returns
        -------
        arrays : dict of str to array
            The weights in the order in which they were saved.
        architecture : dict
            What was given to `save_model`.

        Raises
        ------
        DataError
            The file is missing, damaged, without an architecture or of a newer format.
        """
        arrays, metadata = load_weights(self._present(MODEL))
        if _ARCHITECTURE not in metadata:
            raise DataError(
                f"RunFolder.load_model: {self.path / MODEL}: there is no architecture in its "
                "metadata, so it was not saved by a run. load_weights reads its arrays alone."
            )
        caller = f"RunFolder.load_model: {self.path / MODEL}: architecture"
        return arrays, unstamped(metadata[_ARCHITECTURE], caller)

    def save_history(self, rows: Sequence[Mapping[str, Figure]]) -> None:
        """Write the rows of the history; see `gradatim.store.history.write_history`.

        Parameters
        ----------
        rows : sequence of mappings
            Column name to float, int, str or ``None``.
        """
        write_history(self.path / HISTORY, rows)

    def load_history(self) -> list[dict[str, Figure]]:
        """Read the rows of the history.

        Returns
        -------
        list of dict
            One for each evaluation.

        Raises
        ------
        DataError
            The file is missing or damaged.
        """
        return read_history(self._present(HISTORY))

    def save_manifest(self, manifest: Mapping[str, Any]) -> None:
        """Write what the run was made of; see `gradatim.store.manifest.write_manifest`.

        Parameters
        ----------
        manifest : mapping
            Values that JSON can hold.
        """
        write_manifest(self.path / MANIFEST, manifest)

    def load_manifest(self) -> dict[str, Any]:
        """Read what the run was made of; empty when the run never came to its end.

        Returns
        -------
        dict
            What was given to `save_manifest`.

        Raises
        ------
        DataError
            The file is missing, not JSON, not a run's, or of a newer format.
        """
        return read_manifest(self._present(MANIFEST))

    def curves(self, suffix: str = ".svg") -> Path:
        """Name the file for the drawn history.

        Parameters
        ----------
        suffix : {".svg", ".png"}
            Its format.

        Returns
        -------
        Path
            ``curves.svg`` or ``curves.png`` in the folder, whether or not it is there.
        """
        return self.path / f"curves{suffix}"

    def _present(self, name: str) -> Path:
        file = self.path / name
        if not file.is_file():
            raise DataError(
                f"RunFolder: {self.path}: there is no {name} in it; the run was stopped before "
                "it was saved, or the file was moved. Train again or choose another run."
            )
        return file

    def _take(self, overwrite: bool) -> None:
        """Make the given folder ready, or say why it may not be taken."""
        if self.path.exists() and not self.path.is_dir():
            raise DataError(
                f"RunFolder.create: {self.path}: this is a file; a run needs a folder of its own."
            )
        self.path.mkdir(parents=True, exist_ok=True)
        held = sorted(entry.name for entry in self.path.iterdir())
        if not held:
            return
        if MANIFEST not in held:
            raise DataError(
                f"RunFolder.create: {self.path}: the folder holds {held[0]} and is not a run; "
                "choose a new or an empty folder."
            )
        if not overwrite:
            raise DataError(
                f"RunFolder.create: {self.path}: there is an earlier run in this folder; choose "
                "another one, or allow it to be replaced with overwrite=True."
            )
        for name in _OWN:
            (self.path / name).unlink(missing_ok=True)


def _numbered(root: Path, name: str) -> Path:
    if not re.fullmatch(r"\w[\w.-]*", name):
        raise DataError(
            f"RunFolder.create: the name is {name!r}; it must be letters, digits, '.', '_' "
            "and '-', and begin with a letter or a digit."
        )
    root.mkdir(parents=True, exist_ok=True)
    taken = (re.fullmatch(rf"{re.escape(name)}-(\d+)", entry.name) for entry in root.iterdir())
    start = 1 + max((int(match[1]) for match in taken if match), default=0)
    for number in count(start):
        folder = root / f"{name}-{number:03d}"
        try:
            # mkdir either makes the folder or fails: of two that race, one goes on counting.
            folder.mkdir()
        except FileExistsError:
            continue
        return folder
    raise AssertionError("count never ends")


def _state(folder: Path) -> str:
    return "this is a file" if folder.exists() else "there is no such folder"


def _runs_inside(folder: Path) -> str:
    inside = sorted(entry.parent.name for entry in folder.glob(f"*/{MANIFEST}"))
    return f"Did you mean {folder / inside[-1]}?" if inside else "Check the path."
