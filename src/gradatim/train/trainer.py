"""Trainer: a model, a loss and an optimizer, and how they are trained on data."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from gradatim.compiler import Compiled
from gradatim.data import Dataset, Loader
from gradatim.data.loader import Sampling
from gradatim.errors import DataError, DtypeError, HealthError, StateError
from gradatim.nn import Module
from gradatim.optim import Optimizer
from gradatim.store import RunFolder
from gradatim.store.run import MANIFEST
from gradatim.train.callbacks import as_callbacks
from gradatim.train.checkpoint import Saved, load_checkpoint
from gradatim.train.compiled import Choice
from gradatim.train.doctor import Doctor
from gradatim.train.finding import Finding
from gradatim.train.history import History
from gradatim.train.loop import Loop
from gradatim.train.metrics import Loss, parameter_dtype
from gradatim.train.plan import make_plan
from gradatim.train.preflight import as_dataset, check_choice, check_data, check_parts
from gradatim.train.progress import Progress
from gradatim.train.screen import Kind, make_progress
from gradatim.train.state import TrainingState

Data = Dataset | tuple[Any, Any]
"""A dataset, or inputs and targets."""

Resume = str | os.PathLike[str] | RunFolder | Saved | History
"""What a training goes on from."""


class Trainer:
    """Trains a model: steps, evaluations, history, callbacks, progress, Ctrl-C.

    Parameters
    ----------
    model : Module
        What learns.
    loss : callable
        ``loss(outputs, targets)``, the mean over a batch: ``gd.cross_entropy``, ``gd.mse``, or a
        function of your own that returns a Tensor of one number.
    optimizer : Optimizer
        Made of the model.
    callbacks : iterable
        Callbacks; schedules of gd.optim; functions ``f(state)``, called after each evaluation.
    progress : str or Progress
        ``"auto"`` suits the place: a bar in a terminal, a display in a notebook, plain lines in a
        file. ``"terminal"``, ``"notebook"``, ``"plain"``, ``"none"``: that.
    compile : bool or "auto"
        Whether steps become machine code that goes through many batches in one call. ``"auto"``:
        where there is machine code, the step can be compiled and the training is long enough to
        be worth it. ``True``: always, with an error where that cannot be. ``False``: step by
        step. The numbers differ in their last digits.

    Attributes
    ----------
    state : TrainingState or None
        The latest training, also while it runs and after an error.
    step : Compiled or None
        Its compiled step: ``print(trainer.step.source)`` shows all that a step does, and
        ``trainer.step.explain()`` what became of it. None if steps were not compiled.

    Raises
    ------
    DtypeError
        One of them is something else.
    StateError
        The optimizer was made of another model.

    Examples
    --------
    >>> import gradatim as gd
    >>> model = gd.nn.MLP([2, 16, 2], rng=0)
    >>> trainer = Trainer(model, gd.cross_entropy, gd.optim.Adam(model, lr=0.02), progress="none")
    >>> history = trainer.fit(gd.data.moons(200), epochs=20, batch_size=20)
    >>> history.last["step"], history.last["train_accuracy"] > 0.95
    (200, True)
    """

    def __init__(
        self,
        model: Module,
        loss: Loss,
        optimizer: Optimizer,
        *,
        callbacks: Iterable[Any] = (),
        progress: Kind | Progress = "auto",
        compile: Choice = "auto",
    ) -> None:
        check_parts(model, loss, optimizer)
        check_choice(compile)
        self.model, self.loss, self.optimizer = model, loss, optimizer
        self.callbacks = as_callbacks(callbacks)
        make_progress(progress)
        self.progress, self.compile = progress, compile
        self.state: TrainingState | None = None
        self._loop: Loop | None = None

    def fit(
        self,
        train: Data,
        validation: Data | None = None,
        *,
        steps: int | None = None,
        epochs: int | None = None,
        batch_size: int = 100,
        sampling: Sampling = "epoch",
        seed: int = 0,
        drop_last: bool = False,
        evaluate_every: int | None = None,
        dtype: DTypeLike | None = None,
        run: RunFolder | str | os.PathLike[str] | None = None,
        resume: Resume | None = None,
    ) -> History:
        """Train the model; exactly as many updates as are asked for.

        The state before the first update is evaluated, then after every ``evaluate_every``
        updates, and the last one always. Everything is checked before the first update. The same
        seed, data and settings give the same weights, bit for bit on the same machine, whether or
        not the training was stopped and resumed on the way. One that is resumed for more steps
        than it was begun with may be compiled where it was not: ``compile=True`` avoids that.

        Ctrl-C stops between two steps: the last state is evaluated (a second Ctrl-C leaves that
        out), saved, and returned as any other; ``History.stopped`` is then ``"interrupted"``.

        Parameters
        ----------
        train : Dataset or tuple of two arrays
            Inputs (N, ...) and targets (N,) or (N, ...).
        validation : Dataset or tuple of two arrays, optional
            What the model is tested on.
        steps, epochs : int
            How long; one of the two. They count from the very beginning of a resumed run.
        batch_size : int
            Samples a step, at most N.
        sampling : {"epoch", "replacement"}
            Every sample once an epoch, or each batch drawn anew from all, as in the book.
        seed : int
            Of the order of the samples. The weights have their own: ``rng=`` of the model.
        drop_last : bool
            Whether a smaller last batch of an epoch is left out.
        evaluate_every : int, optional
            Updates from one evaluation to the next; an epoch if not given.
        dtype : dtype, optional
            Of what the model is given; that of its parameters if not given.
        run : RunFolder or path, optional
            Where model and history are saved: after an evaluation, once a second at most, and at
            the end, whatever it is; after Ctrl-C also a checkpoint. The folder of a path is made,
            or is empty; ``RunFolder.open`` opens an earlier one, to go on in it.
        resume : path, RunFolder, Saved or History, optional
            What to go on from: a checkpoint; or the history of an earlier ``fit`` of this very
            trainer, whose model, optimizer and callbacks have not been touched since.

        Returns
        -------
        History
            Also in ``trainer.state.history``, while it runs and after an error.

        Raises
        ------
        DataError
            The batch is larger than the data, the steps are no plan, labels do not fit the model.
        ShapeError
            The samples do not fit the model or the loss.
        DtypeError
            Something is not what it must be at all.
        StateError
            The checkpoint is of another training.
        DivergenceError
            The loss has become infinite or NaN; the update was not made.
        """
        kind = parameter_dtype(self.model) if dtype is None else np.dtype(dtype)
        data = as_dataset(train, "train")
        test = None if validation is None else as_dataset(validation, "validation")
        loader = Loader(
            data, batch_size, sampling=sampling, seed=seed, drop_last=drop_last, dtype=kind
        )
        saved, history = _resumed(resume)
        lengths = {"steps": steps, "epochs": epochs, "evaluate_every": evaluate_every}
        plan = make_plan(**lengths, epoch_steps=len(loader), start=history.step)
        for each in (data, test):
            if each is not None:
                check_data(self.model, self.loss, each, kind)
        self.state = TrainingState(
            *(self.model, self.optimizer, loader, plan, history, self.callbacks),
            run=_run_folder(run),
            step=history.step,
            criterion=self.loss,
            validation=test,
        )
        if saved is not None:
            saved.restore(self.state)
        self._run(self.state, test)
        return history

    def _run(self, state: TrainingState, validation: Dataset | None) -> None:
        shown = make_progress(self.progress)
        self._loop = Loop(state, self.loss, validation, shown, self.compile)
        self._loop.run()

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy has; it compiles its steps anew."""
        return {**vars(self), "_loop": None}

    @property
    def step(self) -> Compiled | None:
        """The compiled step of the latest training; None if its steps were not compiled."""
        compiled = self._loop.compiled if self._loop is not None else None
        return compiled.step if compiled is not None else None

    @property
    def findings(self) -> list[Finding]:
        """What the Doctor among the callbacks has found in the latest training."""
        doctors = [each for each in self.callbacks if isinstance(each, Doctor)]
        return [finding for doctor in doctors for finding in doctor.findings]

    def assert_healthy(self) -> None:
        """Raise if the Doctor has found something; for automatic checks of a training.

        Raises
        ------
        HealthError
            Lists the findings.
        StateError
            No Doctor was there, or nothing has been trained yet.
        """
        if self.state is None or not any(isinstance(each, Doctor) for each in self.callbacks):
            raise StateError(
                "assert_healthy: nobody has examined this training: there "
                + ("was no training yet." if self.state is None else "is no Doctor.")
                + "\n  Try Trainer(..., callbacks=[gd.train.Doctor()]), fit, and then this."
            )
        if self.findings:
            count = len(self.findings)
            raise HealthError(
                f"assert_healthy: the Doctor found {count} thing{'s' * (count != 1)}; it must "
                "find nothing.\n" + "\n".join(f"- {finding}" for finding in self.findings)
            )


def _run_folder(run: Any) -> RunFolder | None:
    """The folder that is meant, made if only its path is given."""
    if run is None or isinstance(run, RunFolder):
        return run
    if isinstance(run, str | os.PathLike):
        if os.path.isfile(os.path.join(run, MANIFEST)):
            raise DataError(
                f"fit: run is {str(run)!r}: there is an earlier run in this folder; it must be "
                "new.\n  Try another name; or, to go on in it, "
                f"run=gd.store.RunFolder.open({str(run)!r}) with resume=."
            )
        return RunFolder.create(run)
    raise DtypeError(
        f"fit: run is a {type(run).__name__}; it must be the path of a new folder or a RunFolder.\n"
        "  Try run='runs/first', or run=gd.store.RunFolder.create()."
    )


def _resumed(resume: Resume | None) -> tuple[Saved | None, History]:
    if resume is None:
        return None, History()
    if isinstance(resume, History):
        rows = resume.rows[:-1] if resume.off_plan else resume.rows
        return None, History(map(dict, rows), resume.losses)
    if isinstance(resume, Saved):
        return resume, resume.history()
    if not isinstance(resume, (str, os.PathLike, RunFolder)):
        raise DtypeError(
            f"fit: resume is {type(resume).__name__}; it must be a path, a RunFolder, a "
            "checkpoint or a History."
        )
    saved = load_checkpoint(resume)
    return saved, saved.history()
