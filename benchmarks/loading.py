"""MNIST as 60,000 PNG files: images a second, ours beside the loader of the notebook.

The notebook's loader opens and decodes every file anew in each pass, in batches of 16; there it
read 7,170 images a second (OpenCV). Here its code runs with Pillow. Ours decodes once: the first
opening lists, decodes and keeps all files; a later opening finds what was kept; a later pass goes
through `Loader`, shuffled, to batches of floats. Each is repeated, a pass of milliseconds more
often; best and median are quoted, because a machine is never quiet.

    python benchmarks/loading.py [--rounds 5] [--folder DIR] [--notebook]

`--folder` names a folder as `gradatim data export mnist DIR` writes it; without it one is made.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from gradatim.data import Dataset, ImageFolder, Loader, mnist
from gradatim.data.export import export_png

NOTEBOOK = 7170
AT_LEAST = {"first": 3, "later": 300}

_parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
_parser.add_argument("--rounds", type=int, default=5)
_parser.add_argument("--folder", type=Path, help="where the PNG files are")
_parser.add_argument("--notebook", action="store_true", help="time the notebook's way as well")
ARGS = _parser.parse_args()


class NotebookDataset:
    """The notebook's `mnist_dataset` and `dataloader`, without its off-by-one."""

    def __init__(self, path: Path) -> None:
        self.files = [
            (path / label / name, int(label))
            for label in sorted(os.listdir(path))
            for name in sorted(os.listdir(path / label))
        ]

    def batches(self, size: int):
        random.shuffle(self.files)
        for first in range(0, len(self.files), size):
            batch = self.files[first : first + size]
            images = [np.array(Image.open(path)).reshape(-1) / 255 for path, _ in batch]
            yield np.array(images), np.array([label for _, label in batch])


def timed(job: Callable[[], object], rounds: int = ARGS.rounds) -> list[float]:
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        job()
        seconds.append(time.perf_counter() - start)
    return seconds


def exhaust(batches) -> None:
    for _ in batches:
        pass


def report(name: str, seconds: list[float], count: int, least: float | None = None) -> None:
    best, middle = count / min(seconds), count / statistics.median(seconds)
    goal = f"   at least {least:,.0f} times" if least else ""
    print(
        f"{name:<26}{min(seconds):8.3f} s{best:13,.0f}{best / NOTEBOOK:8.1f}"
        f"{middle:13,.0f}{middle / NOTEBOOK:8.1f}{goal}",
        flush=True,
    )


def first_opening(folder: Path, scratch: Path) -> ImageFolder:
    with tempfile.TemporaryDirectory(dir=scratch) as cache:
        return ImageFolder(folder, cache=cache, progress="none")


def measure(folder: Path, scratch: Path) -> Dataset:
    print(f"{'':26}{'best':>10}{'images/s':>13}{'times':>8}{'median/s':>13}{'times':>8}")
    cache = scratch / "cache"
    data = ImageFolder(folder, cache=cache, progress="none")
    count = len(data)
    if ARGS.notebook:
        report(
            "notebook's way, Pillow",
            timed(lambda: exhaust(NotebookDataset(folder).batches(16)), 1),
            count,
        )
    report("first opening", timed(lambda: first_opening(folder, scratch)), count, AT_LEAST["first"])
    time.sleep(2.1)  # else files that were just written are read again to be sure
    ImageFolder(folder, cache=cache, progress="none")
    report("later opening", timed(lambda: ImageFolder(folder, cache=cache)), count)
    flat = data.flatten()
    for size in (16, 100):
        loader = Loader(flat, size)
        seconds = timed(lambda loader=loader: exhaust(loader), 20 * ARGS.rounds)
        report(f"later pass, batches of {size}", seconds, count, AT_LEAST["later"])
    return data


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        train, test = mnist()
        folder = ARGS.folder or scratch / "mnist"
        if not folder.exists():
            export_png({"train": train, "test": test}, folder)
        data = measure(folder / "training", scratch)
        order = np.argsort(train.targets, kind="stable")
        same = np.array_equal(data.inputs, train.inputs[order])
        print(f"\npixels and order equal those of the IDX files: {same}")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
