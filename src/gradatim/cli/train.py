"""`gradatim train`: the whole job, from data to a folder with a trained network."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from gradatim.cli import failure, source, terminal
from gradatim.cli.example import EXAMPLE, save_example
from gradatim.cli.recipe import completed, counted, described, make_model, make_optimizer
from gradatim.cli.settings import Settings
from gradatim.data import Dataset
from gradatim.draw import curves
from gradatim.errors import DataError, GradatimError
from gradatim.functions import cross_entropy
from gradatim.store import RunFolder, machine, versions
from gradatim.threads import set_num_threads
from gradatim.train import Doctor, History, Trainer


def train(settings: Settings) -> int:
    """Train a network on digits, or on pictures of yours, and leave it in a folder.

    With no option it is the book's job: 784-50-10 on MNIST, batches of 100, 10,000 steps of plain
    gradient descent. Ctrl-C stops early and keeps what was learned.
    """
    training, test = source.load(settings.data, _reading(settings))
    settings = completed(settings, training)
    model = make_model(settings)
    optimizer = make_optimizer(settings, model)
    run = _folder(settings)
    manifest = _manifest(settings, training, test)
    run.save_manifest(manifest)
    parameters = sum(p.data.size for p in model.parameters())
    print(f"{len(training):,} images to learn from, {len(test):,} to test on ({settings.data})")
    if others := source.left_out(settings.data, training.class_names):
        print(f"  {counted(others, 'other file')} in the folder left out")
    print(f"{settings.layers} {settings.activation}: {parameters:,} parameters")
    print(f"{described(settings)}\n", flush=True)
    doctors = [] if settings.no_doctor else [Doctor()]
    if settings.threads is not None:
        set_num_threads(settings.threads)
    trainer = Trainer(
        *(model, cross_entropy, optimizer),
        callbacks=doctors,
        compile=False if settings.step_by_step else "auto",
    )
    try:
        history = _fit(trainer, settings, training, test, run)
    except GradatimError:
        if trainer.state is not None and trainer.state.history.rows:
            _keep(run, manifest | _health(trainer), trainer.state.history, settings)
        raise
    save_example(run, test)
    _keep(run, manifest | _health(trainer), history, settings)
    _tell(run, history)
    if history.stopped == "interrupted":
        return failure.interrupted(
            f"after {counted(history.step, 'step')}; what was learned is saved"
        )
    return 0


def _reading(settings: Settings) -> source.Reading:
    return source.Reading(settings.validation, settings.seed, settings.size)


def _fit(
    trainer: Trainer, settings: Settings, training: Dataset, test: Dataset, run: RunFolder
) -> History:
    return trainer.fit(
        training.flatten(),
        test.flatten(),
        steps=settings.steps,
        epochs=settings.epochs,
        batch_size=settings.batch,
        sampling=settings.sampling,
        seed=settings.seed,
        evaluate_every=settings.evaluate_every,
        dtype=np.dtype(settings.dtype),
        run=run,
    )


def _keep(run: RunFolder, manifest: dict[str, Any], history: History, settings: Settings) -> None:
    """Write what came out into the folder, as numbers and as curves."""
    figures = history.last if _describes_model(history) else {"step": history.step}
    run.save_manifest({**manifest, "results": {**figures, "stopped": history.stopped}})
    if history.rows:
        _save_curves(run, history, settings)


def _health(trainer: Trainer) -> dict[str, Any]:
    return {"findings": [finding.plain() for finding in trainer.findings]}


def _describes_model(history: History) -> bool:
    """Whether the last evaluation is of the saved model; a second Ctrl-C leaves it out."""
    if not history.rows:
        return False
    # A training that failed leaves the model of its last evaluation.
    return history.stopped == "failed" or history.last["step"] == history.step


def _folder(settings: Settings) -> RunFolder:
    out = settings.out
    if out is None:
        return RunFolder.create(name=source.known_as(settings.data), root="runs")
    if (out / "run.json").is_file() and not settings.overwrite:
        raise DataError(
            f"--out {out}: there is an earlier run in this folder; choose another one, or add "
            "--overwrite to replace it."
        )
    return RunFolder.create(out, overwrite=settings.overwrite)


def _manifest(settings: Settings, training: Dataset, test: Dataset) -> dict[str, Any]:
    named = settings.data == source.MNIST
    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "settings": asdict(settings),
        "seed": settings.seed,
        "data": {
            # The folder must be found again by an evaluation that is started elsewhere.
            "path": settings.data if named else Path(settings.data).expanduser().resolve(),
            "train": training.checksum,
            "test": test.checksum,
            "class_names": training.class_names,
            "shape": training.input_shape,
        },
        "versions": versions(),
        "machine": machine(),
    }


def _save_curves(run: RunFolder, history: History, settings: Settings) -> None:
    title = f"{settings.layers} {settings.activation} on {source.known_as(settings.data)}"
    curves(history, title=title).save(run.curves())


def _tell(run: RunFolder, history: History) -> None:
    if _describes_model(history):
        accuracy = history.last["test_accuracy"]
        print(f"\nTest accuracy {accuracy:.2%} after {counted(history.step, 'step')}.")
    else:
        print(f"\nNot tested after {counted(history.step, 'step')}.")
    curves, path, program = run.curves(), shlex.quote(str(run.path)), terminal.program()
    seen = f", its curves in {curves}" if curves.exists() else ""
    print(f"The run is in {run.path}{seen}.\n\nNext:")
    print(f"  {program} evaluate {path}")
    example = run.path / EXAMPLE
    picture = shlex.quote(str(example)) if example.exists() else "IMAGE"
    print(f"  {program} predict {path} {picture}")
