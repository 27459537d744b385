"""`gradatim data`: what data there is, and the same as files that other programs read."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np

from gradatim.cli import source
from gradatim.data import Dataset, ImageFolder
from gradatim.data.export import export_idx, export_png
from gradatim.errors import DataError

_BAR = 30


def data(
    action: Literal["info", "export"],
    name: str,
    folder: Path | None = None,
    /,
    *,
    as_: Literal["png", "idx"] = "png",
) -> int:
    """Say what data holds, or write it as files.

    Parameters
    ----------
    action
        info: how many images there are of each class. export: write them into a new folder.
    name
        mnist, a folder of pictures or one with four IDX files.
    folder
        Of what is exported; it must not exist yet.
    as_
        png: FOLDER/training/CLASS/NUMBER.png, and testing. idx: four files, as MNIST's are.
    """
    if action == "info":
        if folder is not None:
            raise DataError(f"there is no place for {folder}; data info takes one name.")
        return _info(_parts(name))
    if folder is None:
        raise DataError(f"FOLDER is missing; try gradatim data export {name} {name}-{as_}.")
    return _export(_parts(name), folder, as_)


def _parts(name: str) -> dict[str, Dataset]:
    if source.is_undivided(name):
        return {"": source.load_whole(name, source.Reading())}
    return dict(zip(("train", "test"), source.load(name)))


def _export(parts: dict[str, Dataset], folder: Path, form: str) -> int:
    if form == "png":
        print(f"{export_png(parts, folder):,} PNG files are in {folder}.")
        return 0
    if "" in parts:
        raise DataError(
            "pictures that are not divided cannot become MNIST's four files; put them into "
            "training/ and testing/, or try --as png."
        )
    export_idx(parts, folder)
    print(f"Four IDX files are in {folder}.")
    return 0


def _info(parts: dict[str, Dataset]) -> int:
    for number, (part, found) in enumerate(parts.items()):
        if number:
            print()
        _print_part({"train": "To learn from", "test": "To test on"}.get(part, "Pictures"), found)
    return 0


def _print_part(title: str, found: Dataset) -> None:
    from rich.cells import cell_len

    shape = " x ".join(map(str, found.input_shape))
    low, high = int(found.inputs.min()), int(found.inputs.max())
    print(f"{title}: {len(found):,} images of {shape} {found.inputs.dtype}, from {low} to {high}")
    if isinstance(found, ImageFolder) and found.skipped:
        print(f"  {found.skipped:,} other files in the folder are left out")
    counts = np.bincount(found.targets, minlength=found.classes or 0)
    names = found.class_names or [str(label) for label in range(len(counts))]
    widest = max(map(cell_len, names))
    for name, count in zip(names, counts.tolist()):
        bar = "#" * round(_BAR * count / int(counts.max()))
        print(f"  {name}{' ' * (widest - cell_len(name))}{count:8,}  {bar}".rstrip())
