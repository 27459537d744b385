"""Losses beside their plain NumPy forms."""

from __future__ import annotations

import numpy as np

import gradatim as gd
from cases.case import Bad, Case, Sample
from gradatim.autograd.tensor import bind
from gradatim.errors import DataError, DtypeError, ShapeError
from gradatim.primitives import bounds

LOGITS = [[2.0, -1.0, 0.5], [0.3, 0.7, -2.0]]
LOGS = np.log([[0.2, 0.3, 0.5], [0.1, 0.8, 0.1]])
ONE_HOT = [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
SOFT = [[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]]
LABELS = np.array([2, 1])


def reduced(losses, reduction):
    return {"mean": np.mean, "sum": np.sum, "none": np.asarray}[reduction](losses)


def nll(logs, target, reduction="mean"):
    if target.dtype.kind == "f":
        losses = -np.sum(target * logs, axis=-1)
    else:
        losses = -np.take_along_axis(logs, target[..., None], -1)[..., 0]
    return reduced(losses, reduction)


def cross_entropy(logits, target, reduction="mean"):
    return nll(logits - np.log(np.exp(logits).sum(-1, keepdims=True)), target, reduction)


def binary_cross_entropy(x, target, reduction="mean"):
    p = 1 / (1 + np.exp(-x))
    return reduced(-target * np.log(p) - (1 - target) * np.log(1 - p), reduction)


def huber(p, t, delta=1.0, reduction="mean"):
    d = np.abs(p - t)
    return reduced(np.where(d <= delta, d * d / 2, delta * (d - delta / 2)), reduction)


def within(x, low, high):
    return bind(bounds.within_, x, low=low, high=high)


def torch_losses(name):
    def loss(*inputs, reduction="mean", **settings):
        import torch

        return getattr(torch.nn.functional, name)(*inputs, reduction=reduction, **settings)

    return loss


CLASSES_BAD = [
    Bad((LOGITS, [[2], [1]]), {}, ShapeError, "Did you mean target[:, 0]?"),
    Bad((LOGITS, [2, 1, 0]), {}, ShapeError, "one for each sample"),
    Bad((LOGITS, [[0, 0, 1], [0, 1, 0]]), {}, ShapeError, "target.astype(float)"),
    Bad((LOGITS, [2.0, 1.0]), {}, ShapeError, "Labels must be integers: target.astype(int)"),
    Bad((LOGITS, [2, 3]), {}, DataError, "element[1] is 3; it must lie in 0..2"),
    Bad((LOGITS, [-1, 0]), {}, DataError, "element[0] is -1; it must lie in 0..2"),
    Bad((LOGITS, [True, False]), {}, DtypeError, "the target is boolean"),
    Bad((2.0, 1), {}, ShapeError, "its last axis must be the classes"),
    Bad((np.zeros((0, 3)), np.zeros(0, int)), {}, ShapeError, "the batch is empty"),
    Bad((LOGITS, [2, 1]), {"reduction": "avg"}, ShapeError, "must be 'mean', 'sum' or 'none'"),
]
SHAPES_BAD = [
    Bad(([[1.0], [2.0]], [0.0, 1.0]), {}, ShapeError, "Did you mean prediction[:, 0]?"),
    Bad(([1.0, 2.0], [[0.0], [1.0]]), {}, ShapeError, "Did you mean target[:, 0]?"),
    Bad(([1.0, 2.0], [[0.0, 1.0]]), {}, ShapeError, "Did you mean target[0]?"),
    Bad(([1.0, 2.0], [0.0]), {}, ShapeError, "never broadcasts"),
    Bad(([1.0, 2.0], 0.0), {}, ShapeError, "the shapes must be equal"),
]

CASES = [
    Case(
        "within",
        within,
        lambda x, low, high: x,
        [Sample([[0.1, 0.5], [0.9, 0.2]], low=0, high=1)],
        primitive="within",
        torch=lambda x, low, high: x.clone(),
        kinks=[Sample([0, 4, 9], low=0, high=9), Sample(np.zeros(0, int), low=0, high=3)],
        bad=[
            Bad(([0, 4, 10],), {"low": 0, "high": 9}, DataError, "element[2] is 10"),
            Bad(([0.0, np.nan],), {"low": 0, "high": 1}, DataError, "element[1] is nan"),
            Bad((np.int64(7),), {"low": 0, "high": 1}, DataError, "element is 7"),
        ],
    ),
    Case(
        "cross_entropy of labels",
        gd.cross_entropy,
        cross_entropy,
        [
            Sample(LOGITS, LABELS),
            Sample(LOGITS, LABELS, reduction="sum"),
            Sample(LOGITS, LABELS.astype(np.uint8), reduction="none"),
            Sample([0.5, -1.0, 2.0], np.array(1)),
            Sample([LOGITS, LOGITS], np.array([[0, 1], [2, 2]])),
        ],
        torch=lambda x, t, reduction="mean": torch_losses("cross_entropy")(
            x.reshape(-1, x.shape[-1]), t.reshape(-1).long(), reduction=reduction
        ).reshape(t.shape if reduction == "none" else ()),
        primitive="cross_entropy",
        bad=CLASSES_BAD,
    ),
    Case(
        "cross_entropy of probabilities",
        gd.cross_entropy,
        cross_entropy,
        [
            Sample(LOGITS, SOFT),
            Sample(LOGITS, SOFT, reduction="sum"),
            Sample(LOGITS, ONE_HOT, reduction="none"),
            Sample([0.5, -1.0, 2.0], [0.1, 0.1, 0.8]),
        ],
        wrt=(0,),
        torch=torch_losses("cross_entropy"),
        bad=[Bad((LOGITS, [SOFT]), {}, ShapeError, "must have the same shape")],
    ),
    Case(
        "nll",
        gd.nll,
        nll,
        [Sample(LOGS, LABELS), Sample(LOGS, SOFT), Sample(LOGS, LABELS, reduction="none")],
        bad=CLASSES_BAD,
    ),
    Case(
        "binary_cross_entropy",
        gd.binary_cross_entropy,
        binary_cross_entropy,
        [
            Sample([0.5, -1.0, 2.0], [1.0, 0.0, 0.3]),
            Sample([[0.5], [-1.0]], [[1.0], [0.0]], reduction="none"),
            Sample([0.5, -1.0], [1.0, 0.0], reduction="sum"),
        ],
        torch=torch_losses("binary_cross_entropy_with_logits"),
        bad=[
            Bad(([[0.5], [1.0]], [0.0, 1.0]), {}, ShapeError, "Did you mean logits[:, 0]?"),
            Bad(([0.5, 1.0], [0, 2]), {}, DataError, "element[1] is 2; it must lie in 0..1"),
            Bad(([0.5], [1.5]), {}, DataError, "Did you mean cross_entropy?"),
        ],
    ),
    Case(
        "mse",
        gd.mse,
        lambda p, t, reduction="mean": reduced((p - t) ** 2, reduction),
        [
            Sample([0.5, -1.0, 2.0], [1.0, 0.0, 0.3]),
            Sample(LOGITS, ONE_HOT, reduction="sum"),
            Sample(LOGITS, ONE_HOT, reduction="none"),
        ],
        wrt=(0, 1),
        torch=torch_losses("mse_loss"),
        bad=SHAPES_BAD,
    ),
    Case(
        "sse",
        gd.sse,
        lambda p, t, half=False: ((p - t) ** 2).sum() * (0.5 if half else 1),
        [Sample([0.5, -1.0], [1.0, 0.0]), Sample([0.5, -1.0], [1.0, 0.0], half=True)],
        wrt=(0, 1),
        bad=SHAPES_BAD,
    ),
    Case(
        "huber",
        gd.huber,
        huber,
        [
            Sample([0.5, -1.2, 4.0], [1.0, 1.0, 0.3]),
            Sample([0.5, -1.2, 4.0], [1.0, 1.0, 0.3], delta=0.3, reduction="sum"),
            Sample([0.5, -1.2, 4.0], [1.0, 1.0, 0.3], delta=9.0, reduction="none"),
        ],
        wrt=(0, 1),
        torch=torch_losses("huber_loss"),
        bad=[*SHAPES_BAD, Bad(([1.0], [0.0]), {"delta": 0.0}, DataError, "above 0")],
    ),
]
