"""Training: the loop, what is measured in it, and how it is watched, saved and stopped.

The same training twice, with a `Trainer` and by hand::

    trainer = Trainer(model, loss, optimizer)        for step, x, t in loader.batches(0, 60):
    history = trainer.fit(data, steps=60)                loss = gd.cross_entropy(model(x), t)
                                                         loss.backward()
                                                         optimizer.step()

The Trainer adds evaluations, history, progress, callbacks, Ctrl-C, saving and resuming, and
checks that all parts fit. The steps themselves are the same, bit for bit:

>>> import gradatim as gd
>>> data = gd.data.moons(100)

>>> model = gd.nn.MLP([2, 8, 2], rng=0)
>>> optimizer = gd.optim.SGD(model, lr=0.5)
>>> trainer = Trainer(model, gd.cross_entropy, optimizer, progress="none")
>>> history = trainer.fit(data, steps=60, batch_size=10, seed=0)

>>> by_hand = gd.nn.MLP([2, 8, 2], rng=0)
>>> optimizer = gd.optim.SGD(by_hand, lr=0.5)
>>> loader = gd.data.Loader(data, batch_size=10, seed=0)
>>> for step, x, t in loader.batches(0, 60):
...     loss = gd.cross_entropy(by_hand(x), t)
...     loss.backward()
...     optimizer.step()

>>> float(loss) == history.losses[-1].item()
True
>>> evaluate(by_hand, data, gd.cross_entropy)["loss"] == history.last["train_loss"]
True
"""

from __future__ import annotations

from gradatim.train.callbacks import (
    AfterEvaluation,
    Callback,
    Checkpoint,
    EarlyStopping,
    FollowSchedule,
)
from gradatim.train.checkpoint import Saved, load_checkpoint, save_checkpoint
from gradatim.train.doctor import Doctor
from gradatim.train.finding import Finding
from gradatim.train.history import History
from gradatim.train.metrics import accuracy, evaluate
from gradatim.train.notebook import NotebookProgress
from gradatim.train.plan import Plan
from gradatim.train.progress import PlainProgress, Progress
from gradatim.train.recorders import GradientNorms, WeightPath
from gradatim.train.state import TrainingState
from gradatim.train.table import Table
from gradatim.train.terminal import TerminalProgress
from gradatim.train.trainer import Trainer

__all__ = [
    "AfterEvaluation",
    "Callback",
    "Checkpoint",
    "Doctor",
    "EarlyStopping",
    "Finding",
    "FollowSchedule",
    "GradientNorms",
    "History",
    "NotebookProgress",
    "PlainProgress",
    "Plan",
    "Progress",
    "Saved",
    "Table",
    "TerminalProgress",
    "Trainer",
    "TrainingState",
    "WeightPath",
    "accuracy",
    "evaluate",
    "load_checkpoint",
    "save_checkpoint",
]
