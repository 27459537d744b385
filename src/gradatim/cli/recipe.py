"""A training as it was asked for, made whole: every default chosen, every contradiction refused."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np

from gradatim import nn, optim
from gradatim.cli.settings import Settings
from gradatim.data import Dataset
from gradatim.errors import DataError, GradatimError, StateError

OPTIMIZERS: dict[str, tuple[type[optim.Optimizer], float]] = {
    "sgd": (optim.SGD, 0.1),
    "momentum": (optim.Momentum, 0.01),
    "nesterov": (optim.Nesterov, 0.01),
    "adagrad": (optim.AdaGrad, 0.01),
    "rmsprop": (optim.RMSProp, 0.001),
    "adam": (optim.Adam, 0.001),
    "adamw": (optim.AdamW, 0.001),
}
"""Each optimizer with the learning rate that it takes where none is given."""

BOOK_LAYERS, BOOK_INIT = "784-50-10", "normal:0.01"
LARGEST = 1_000_000
"""Units of a layer beyond which a slip of the hand is likelier than a plan."""

STEPS, EVALUATE_EVERY, HIDDEN = 10_000, 600, 50


def completed(settings: Settings, train: Dataset) -> Settings:
    """Return the settings with every default chosen for this data, or say what is wrong.

    Of ``steps`` and ``epochs`` one stays ``None``; ``init`` stays ``None`` where the activation
    chooses it, ``evaluate_every`` where it is an epoch, ``weight_decay`` where the optimizer does.
    """
    _check_counts(settings, len(train))
    layers = settings.layers or _default_layers(train)
    _check_layers(layers, train)
    book = layers == BOOK_LAYERS and settings.activation == "relu"
    return replace(
        settings,
        layers=layers,
        init=settings.init or (BOOK_INIT if book else None),
        lr=OPTIMIZERS[settings.optimizer][1] if settings.lr is None else settings.lr,
        momentum=_momentum(settings),
        steps=STEPS if settings.steps is None and settings.epochs is None else settings.steps,
        evaluate_every=settings.evaluate_every or (None if settings.epochs else EVALUATE_EVERY),
    )


def make_model(settings: Settings) -> nn.MLP:
    """Build the network of completed settings, its weights drawn by their seed."""
    return nn.MLP(
        sizes(settings.layers or ""),
        settings.activation,
        init=_rule(settings.init),
        dtype=np.dtype(settings.dtype),
        rng=settings.seed,
    )


def make_optimizer(settings: Settings, model: nn.MLP) -> optim.Optimizer:
    """Build the optimizer of completed settings."""
    rates = {"momentum": settings.momentum, "weight_decay": settings.weight_decay}
    given: dict[str, Any] = {name: rate for name, rate in rates.items() if rate is not None}
    kind: Any = OPTIMIZERS[settings.optimizer][0]
    try:
        made: optim.Optimizer = kind(model, lr=settings.lr, **given)
    except StateError as error:
        # "SGD: weight_decay is -1.0; it must be ..." names the rate as the option does.
        rate, _, rest = error.message.partition(": ")[2].partition(" ")
        raise DataError(f"--{rate.replace('_', '-')} {rest}") from error
    return made


def sizes(layers: str) -> list[int]:
    """Read ``784-50-10``.

    Examples
    --------
    >>> sizes("784-50-10")
    [784, 50, 10]
    """
    if not re.fullmatch(r"[0-9]+(-[0-9]+)+", layers):
        numbers = re.findall("[0-9]+", layers)
        meant = "-".join(numbers) if len(numbers) > 1 else BOOK_LAYERS
        raise DataError(
            f"--layers {layers}: the sizes of the layers must be two or more whole numbers joined "
            f"by hyphens; try --layers {meant}."
        )
    return [int(size) for size in layers.split("-")]


def described(settings: Settings) -> str:
    """Say in one line what is learned and how."""
    unit = "epoch" if settings.epochs else "step"
    amount = counted(settings.epochs or settings.steps or 0, unit)
    init = settings.init or f"for {settings.activation}"
    return (
        f"{settings.optimizer} with lr {settings.lr:g}, {amount} of batches of {settings.batch:,}, "
        f"weights begin {init}, {settings.dtype}, seed {settings.seed}"
    )


def counted(number: int, unit: str) -> str:
    """Say how many there are.

    Examples
    --------
    >>> counted(1, "step"), counted(10_000, "step")
    ('1 step', '10,000 steps')
    """
    return f"{number:,} {unit}{'s' * (number != 1)}"


def _default_layers(train: Dataset) -> str:
    return f"{int(np.prod(train.input_shape))}-{HIDDEN}-{train.classes}"


def _check_layers(layers: str, train: Dataset) -> None:
    first, *hidden, last = sizes(layers)
    inputs = int(np.prod(train.input_shape))
    if first != inputs:
        shape = " x ".join(map(str, train.input_shape))
        fitting = "-".join(map(str, (inputs, *hidden, last)))
        raise DataError(
            f"--layers {layers}: the first layer takes {first} numbers, but an image has {shape} = "
            f"{inputs}; try --layers {fitting}."
        )
    if last != train.classes:
        fitting = "-".join(map(str, (first, *hidden, train.classes)))
        raise DataError(
            f"--layers {layers}: the last layer gives {last} numbers, but there are "
            f"{train.classes} classes to tell apart; try --layers {fitting}."
        )
    if not all(1 <= size <= LARGEST for size in hidden):
        raise DataError(f"--layers {layers}: a hidden layer must have from 1 to {LARGEST:,} units.")


def _check_counts(settings: Settings, n: int) -> None:
    if settings.steps is not None and settings.epochs is not None:
        raise DataError("--steps and --epochs both say how long to train; give one of them.")
    for name in ("steps", "epochs", "evaluate_every", "batch", "threads"):
        count = getattr(settings, name)
        if count is not None and count < 1:
            raise DataError(f"--{name.replace('_', '-')} {count}: it must be 1 or more.")
    if settings.batch > n:
        raise DataError(
            f"--batch {settings.batch}: there are only {n:,} images to learn from; it must be from "
            f"1 to {n:,}."
        )
    if settings.seed < 0:
        raise DataError(f"--seed {settings.seed}: it must be 0 or more.")


def _momentum(settings: Settings) -> float | None:
    if settings.optimizer in ("momentum", "nesterov"):
        return 0.9 if settings.momentum is None else settings.momentum
    if settings.momentum is not None:
        raise DataError(
            f"--momentum {settings.momentum:g}: {settings.optimizer} has no momentum; "
            "try --optimizer momentum with it."
        )
    return None


def _rule(init: str | None) -> Any:
    try:
        return None if init is None else nn.initial(init)
    except GradatimError as error:
        raise DataError(f"--init {init}: {error.message.partition(': ')[2]}") from error
