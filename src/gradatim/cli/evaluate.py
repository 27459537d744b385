"""`gradatim evaluate`: how well a run reads digits, and which it takes for which."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gradatim import train as training
from gradatim.cli import source
from gradatim.cli.saved import SavedRun, open_run
from gradatim.data import Dataset
from gradatim.errors import DataError, GradatimError
from gradatim.functions import cross_entropy
from gradatim.types import Array

_MISTAKES = 8


def evaluate(run: Path, /, *, data: str | None = None) -> int:
    """Measure loss and accuracy of a trained network, and list what it confuses most.

    Parameters
    ----------
    run
        Folder of the run.
    data
        mnist, or a folder of pictures or IDX files. [default: the data that the run learned from]
    """
    saved = open_run(run)
    parts = _parts(saved, data)
    print(f"{saved.name}: {_made_of(saved)}\n")
    print(f"{'':8}{'images':>8}{'loss':>10}{'accuracy':>11}{'wrong':>8}")
    for name, part in parts.items():
        print(_line(name, part, saved), flush=True)
    print(_mistakes(saved.readings(parts["test"]), parts["test"]))
    return 0


def _parts(saved: SavedRun, name: str | None) -> dict[str, Dataset]:
    known = saved.noted("data")
    wanted = name or str(known.get("path", source.MNIST))
    if name is not None and source.is_undivided(name):
        parts = {"test": source.load_whole(name, saved.reading_others()).flatten()}
        _check_fit(saved, parts["test"])
        return parts
    reading = saved.reading() if name is None else saved.reading_others()
    train, test = (part.flatten() for part in source.load(wanted, reading))
    parts = {"train": train, "test": test}
    _check_fit(saved, test)
    changed = [part for part in parts if known.get(part) not in (None, parts[part].checksum)]
    if name is None and changed:
        print(f"Note: the {' and '.join(changed)} data is not what the run saw; it has changed.")
    return parts


def _check_fit(saved: SavedRun, test: Dataset) -> None:
    try:
        outputs = saved.probabilities(test.batch([0], saved.dtype)[0]).shape[-1]
    except GradatimError as error:
        raise DataError(
            f"{saved.name}: the network cannot take this data: {error}\nChoose the data that it "
            "learned from."
        ) from error
    if test.classes is not None and test.classes > outputs:
        raise DataError(
            f"{saved.name}: the network tells {outputs} classes apart, but the data has "
            f"{test.classes}; choose the data that it learned from."
        )


def _made_of(saved: SavedRun) -> str:
    settings = saved.noted("settings")
    if not settings:
        return "a run that was never finished"
    steps = saved.noted("results").get("step")
    after = f", {steps:,} steps" if isinstance(steps, int) else ""
    return f"{settings.get('layers')} {settings.get('activation')}{after}"


def _line(name: str, part: Dataset, saved: SavedRun) -> str:
    found = training.evaluate(saved.model, part, cross_entropy)
    loss, accuracy = found["loss"] or 0.0, found["accuracy"] or 0.0
    wrong = round((1 - accuracy) * len(part))
    return f"{name:8}{len(part):8,}{loss:10.4f}{accuracy:11.2%}{wrong:8,}"


def _mistakes(read: Array, test: Dataset) -> str:
    true = test.targets.astype(np.int64)
    wrong = read != true
    if not wrong.any():
        return "\nNo mistakes on the test data."
    pairs, counts = np.unique(np.stack([true[wrong], read[wrong]]), axis=1, return_counts=True)
    # Stable, so that equal counts stay in the order of the digits.
    order = np.argsort(-counts, kind="stable")[:_MISTAKES]
    names = test.class_names or [str(label) for label in range(int(pairs.max()) + 1)]
    lines = [
        f"  {names[pairs[0, i]]} read as {names[pairs[1, i]]} {counts[i]:8,} times" for i in order
    ]
    return "\n".join(["\nMost frequent mistakes on the test data", *lines]).replace(
        "       1 times", "       1 time"
    )
