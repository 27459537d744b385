"""An earlier run, opened: its network with the weights it learned, and what it was made of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gradatim import nn
from gradatim.autograd import Tensor, no_grad
from gradatim.cli import source
from gradatim.data import Dataset
from gradatim.errors import DataError, GradatimError
from gradatim.functions import softmax
from gradatim.store import RunFolder
from gradatim.types import Array, Shape

_IMAGES_AT_ONCE = 1000


@dataclass(frozen=True)
class SavedRun:
    """A run's folder, network and manifest."""

    folder: RunFolder
    model: nn.Module
    manifest: dict[str, Any]

    @property
    def name(self) -> str:
        """The folder as it was typed."""
        return str(self.folder.path)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the weights."""
        return self.model.parameters()[0].dtype

    def noted(self, section: str) -> dict[str, Any]:
        """Return a section of the manifest; empty where it is missing or of another form."""
        found = self.manifest.get(section)
        return found if isinstance(found, dict) else {}

    @property
    def class_names(self) -> tuple[str, ...] | None:
        """What the classes are called; None where they are called by their numbers."""
        found = self.noted("data").get("class_names")
        return tuple(map(str, found)) if isinstance(found, list) else None

    @property
    def picture_shape(self) -> Shape | None:
        """Shape of the pictures that were learned from; None where they were digits of MNIST."""
        found = self.noted("data").get("shape")
        if self.class_names is None or not isinstance(found, list) or len(found) not in (2, 3):
            return None
        return tuple(map(int, found))

    def reading(self) -> source.Reading:
        """Return how the data of the run was read."""
        given = self.noted("settings")
        seed = given.get("seed", 0)
        return source.Reading(given.get("validation"), seed, given.get("size"))

    def reading_others(self) -> source.Reading:
        """Return how other pictures must be read to be understood by the network."""
        return source.Reading(shape=self.picture_shape, class_names=self.class_names)

    def probabilities(self, images: Array) -> Array:
        """Return what the network says of images (N, D): shape (N, C), each row sums to 1."""
        with no_grad():
            return softmax(self.model(Tensor(images)), axis=-1).data

    def readings(self, dataset: Dataset) -> Array:
        """Return the class that the network takes each sample for, shape (N,)."""
        parts = []
        for start in range(0, len(dataset), _IMAGES_AT_ONCE):
            part = dataset.subset(slice(start, start + _IMAGES_AT_ONCE))
            parts.append(self.probabilities(part.arrays(self.dtype)[0]).argmax(axis=1))
        return np.concatenate(parts)


def open_run(path: Path) -> SavedRun:
    """Open the run in a folder; what is missing or broken in it is an error that says so."""
    folder = RunFolder.open(path)
    manifest = folder.load_manifest()
    arrays, architecture = folder.load_model()
    try:
        model = nn.from_architecture(architecture)
        model.load_state_dict(arrays)
    except GradatimError as error:
        raise DataError(
            f"open_run: {folder.path}: its model cannot be used: {error.message}"
        ) from error
    if not isinstance(model, nn.Module) or not model.parameters():
        raise DataError(f"open_run: {folder.path}: its model has no weights.")
    return SavedRun(folder, model.eval(), manifest)
