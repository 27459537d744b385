"""Notebook `mlp`, its first half: folders of pictures, and a loader that serves batches."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

from gradatim import book
from gradatim.data import Dataset, ImageFolder, Loader
from gradatim.notebooks import original
from gradatim.notebooks.claim import Claim, Notebook, exact, timed
from gradatim.notebooks.session import Session
from gradatim.types import Array

NOTEBOOK = Notebook("mlp", "folders of pictures, a loader, networks of any depth")

READ_BY_THE_NOTEBOOK = 448.72 * 16
"""Images a second: 448.72 batches of 16."""


@NOTEBOOK.row(
    "1.1",
    "N",
    "digits as PNG files in folders 0 to 9",
    why="The notebook lists files in the order of the disk and fails with NoneType on a file that "
    "is no image.",
)
def folders(session: Session) -> Iterator[Claim]:
    """Write digits as PNG files and read them back."""
    digits = session.digits
    rows = np.concatenate([np.flatnonzero(digits.t == k)[:10] for k in range(10)])
    bytes_, labels = np.round(digits.x[rows] * 255).astype(np.uint8), digits.t[rows]
    with tempfile.TemporaryDirectory() as place:
        write_digits(Path(place), bytes_.reshape(-1, 28, 28), labels)
        Path(place, "3", "notes.txt").write_text("not an image", encoding="utf-8")
        dataset = book.mnist_dataset(place)
        pixels = np.stack([image for image, _ in dataset])  # type: ignore[attr-defined]
        found = [label for _, label in dataset]  # type: ignore[attr-defined]
        yield exact(
            "mnist_dataset: pixels equal those of IDX", True, bool((pixels == bytes_ / 255).all())
        )
        yield exact("labels", True, found == labels.tolist())
        yield exact("dtype, largest", ("float64", 1.0), (pixels.dtype.name, float(pixels.max())))
        yield exact("files that are no images, skipped", 1, len(dataset.skipped))
        folder = ImageFolder(place, cache=False, workers=1, progress="none")
        same = np.array_equal(folder.inputs.reshape(100, -1), bytes_)
        yield exact("gd.data.ImageFolder: the same bytes", True, same)
        broken = Path(place, "3", "0.png")
        broken.write_bytes(b"no image")
        said = message(lambda: book.mnist_dataset(place)[30])
        yield exact("a damaged file is named", True, broken.name in said)


def write_digits(place: Path, images: Array, labels: Array) -> None:
    """Write images as PNG files into a folder for each label, named by their number."""
    from PIL import Image

    for label in range(10):
        (place / str(label)).mkdir()
    for i, (image, label) in enumerate(zip(images, labels)):
        Image.fromarray(image).save(place / str(label) / f"{i:05}.png")


@NOTEBOOK.row(
    "1.2",
    "T",
    "the loader: 60,000 images in batches of 16",
    why="The notebook decodes every PNG anew in every epoch: 448.72 batches a second. "
    "The rate is shown, not judged, as the time in 4.8.",
)
def loader(session: Session) -> Iterator[Claim]:
    """Serve an epoch and look at the clock; processor time, as in 4.8."""
    data = Dataset((session.digits.x * 255).astype(np.uint8), session.digits.t, scale=1 / 255)
    ours = Loader(data, 16, seed=0)
    yield exact("batches", 3750, len(ours))
    started = process_time()
    served = sum(len(t) for _, t in ours)
    rate = served / (process_time() - started)
    yield exact("images served", 60000, served)
    yield timed(
        "images a second / the notebook's 7,180", "at least 10", rate / READ_BY_THE_NOTEBOOK
    )


@NOTEBOOK.row(
    "1.3",
    "B",
    "images that an epoch serves",
    why="When the last batch is asked for, the index is shuffled before that batch is taken, so it "
    "holds images that came already, and others are left out.",
)
def each_once(session: Session) -> Iterator[Claim]:
    """Count distinct images of an epoch."""
    for batch in (16, 100):
        theirs = original.DataLoader(range(60000), batch)
        distinct = len({i for part in theirs for i in part})
        ours = book.dataloader(range(60000), batch)
        found = [i for part in ours for i in part]
        yield exact(f"dataloader, batches of {batch}", 60000, len(set(found)), notebook=distinct)
        rows = Loader(Dataset(np.zeros((60000, 1), np.float32), np.arange(60000)), batch)
        served = np.concatenate([t for _, t in rows])
        yield exact(f"gd.data.Loader, batches of {batch}", 60000, len(np.unique(served)))


class Counting(list[int]):
    """A dataset that counts how often it is asked."""

    reads = 0

    def __getitem__(self, i: Any) -> Any:
        self.reads += 1
        return super().__getitem__(i)


@NOTEBOOK.row(
    "1.4",
    "B",
    "105 images in batches of 10, and 5 in batches of 10",
    why="The loop ends by an IndexError in the middle of the last batch, whose images were decoded "
    "for nothing. A batch larger than the data serves nothing, silently.",
)
def rest(session: Session) -> Iterator[Claim]:
    """Count what is read and what is served."""
    theirs = Counting(range(105))
    served = sum(len(part) for part in original.DataLoader(theirs, 10))
    ours = Counting(range(105))
    found = sum(len(part) for part in book.dataloader(ours, 10))
    yield exact("read, served", (105, 105), (ours.reads, found), notebook=(theirs.reads, served))
    data = Dataset(np.zeros((105, 1), np.float32), np.arange(105))
    kept = [sum(len(t) for _, t in Loader(data, 10, drop_last=drop)) for drop in (False, True)]
    yield exact("gd.data.Loader, drop_last False and True", [105, 100], kept)
    wrong = f"{len(list(original.DataLoader(range(5), 10)))} batches"
    for name, right, call in (
        ("dataloader", "UserWarning", lambda: book.dataloader(range(5), 10)),
        ("gd.data.Loader", "DataError", lambda: Loader(data.subset(range(5)), 10)),
    ):
        yield exact(f"{name} of 5 images", right, raised(call), notebook=wrong)


@NOTEBOOK.row(
    "1.5",
    "B",
    "tqdm, imported after it is used",
    why="The cells were run out of order. Nothing to compute: progress is built in.",
)
def progress(session: Session) -> Iterator[Claim]:
    """Look for the name."""
    yield exact("gradatim.book needs tqdm", False, "tqdm" in vars(book))


def message(call: Callable[[], Any]) -> str:
    """Return what the error says that a call ends with."""
    try:
        call()
    except Exception as error:
        return str(error)
    return ""


def raised(call: Callable[[], Any]) -> str:
    """Return the name of the error, or of the warning, that a call ends with."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            call()
    except Exception as error:
        return type(error).__name__
    return "no error"
