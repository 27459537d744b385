"""What `gradatim train` can be told: one field an option."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Activation = Literal[
    "relu", "sigmoid", "tanh", "softplus", "gelu", "silu", "elu", "leaky_relu", "identity"
]
Optimizer = Literal["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"]
Sampling = Literal["epoch", "replacement"]
Dtype = Literal["float32", "float64"]

NETWORK, LEARNING, RUN = "Data and network", "Learning", "Run"


def about(group: str, help: str) -> dict[str, Any]:
    """Describe an option: under which heading of the help it stands, and its text."""
    return {"group": group, "help": help}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The options of a training, as they were given; ``None`` where the default depends."""

    data: str = field(
        default="mnist",
        metadata=about(
            NETWORK,
            "mnist, which comes with gradatim; a folder of pictures with a folder for each class, "
            "or with training/ and testing/ that have them; or a folder with four IDX files named "
            "as MNIST's are (plain, .gz or .xz).",
        ),
    )
    validation: float | None = field(
        default=None,
        metadata=about(
            NETWORK,
            "Share of the pictures that is kept for testing, where they are not divided already. "
            "[default: 0.167]",
        ),
    )
    size: str | None = field(
        default=None,
        metadata=about(
            NETWORK, "HEIGHTxWIDTH to which pictures are scaled. [default: they have one size]"
        ),
    )
    layers: str | None = field(
        default=None,
        metadata=about(
            NETWORK,
            "Sizes of the input, the hidden layers and the output. [default: 784-50-10; for other "
            "data its own sizes around 50]",
        ),
    )
    activation: Activation = field(
        default="relu", metadata=about(NETWORK, "After every hidden layer.")
    )
    init: str | None = field(
        default=None,
        metadata=about(
            NETWORK,
            "How weights begin: he, xavier, zeros, normal:STD, uniform:BOUND and more. [default: "
            "normal:0.01 for 784-50-10 with relu, as in the book; else he or xavier, whichever the "
            "activation wants]",
        ),
    )
    dtype: Dtype = field(default="float32", metadata=about(NETWORK, "Of weights and images."))
    optimizer: Optimizer = field(
        default="sgd", metadata=about(LEARNING, "How weights follow their gradients.")
    )
    lr: float | None = field(
        default=None,
        metadata=about(
            LEARNING,
            "Learning rate. [default: 0.1 for sgd; 0.01 for momentum, nesterov, adagrad; 0.001 for "
            "rmsprop, adam, adamw]",
        ),
    )
    momentum: float | None = field(
        default=None,
        metadata=about(
            LEARNING,
            "Share of the velocity that is kept, for momentum and nesterov. [default: 0.9]",
        ),
    )
    weight_decay: float | None = field(
        default=None,
        metadata=about(LEARNING, "Pull of the weights to zero. [default: 0.01 for adamw, else 0]"),
    )
    batch: int = field(default=100, metadata=about(LEARNING, "Images a step."))
    steps: int | None = field(
        default=None, metadata=about(LEARNING, "How many steps to take. [default: 10000]")
    )
    epochs: int | None = field(
        default=None,
        metadata=about(LEARNING, "Instead of --steps: how many times to go through the data."),
    )
    sampling: Sampling = field(
        default="epoch",
        metadata=about(
            LEARNING,
            "epoch: each image once in every pass through the data. replacement: each batch drawn "
            "from all images, as in the book.",
        ),
    )
    seed: int = field(
        default=0,
        metadata=about(
            RUN, "Fixes the first weights and the order of images: same seed, same run."
        ),
    )
    no_doctor: bool = field(
        default=False,
        metadata=about(
            RUN, "Do not examine the training; by default what is wrong with it is told at once."
        ),
    )
    step_by_step: bool = field(
        default=False,
        metadata=about(
            RUN, "Take every step in NumPy; by default long trainings become machine code."
        ),
    )
    threads: int | None = field(
        default=None,
        metadata=about(
            RUN, "Most threads of machine code. [default: as many as there are processors]"
        ),
    )
    evaluate_every: int | None = field(
        default=None,
        metadata=about(
            RUN, "Steps between evaluations. [default: 600; with --epochs once an epoch]"
        ),
    )
    out: Path | None = field(
        default=None,
        metadata=about(
            RUN, "Folder of the run. [default: runs/mnist-001, or the next free number]"
        ),
    )
    overwrite: bool = field(
        default=False, metadata=about(RUN, "Replace the earlier run in that folder.")
    )
