"""Optimizers, schedules of their learning rates, and clipping of gradients."""

from gradatim.optim.adaptive import AdaGrad, Adam, AdamW, RMSProp
from gradatim.optim.clip import clip_by_norm, clip_by_value
from gradatim.optim.optimizer import Optimizer
from gradatim.optim.rate import Rate
from gradatim.optim.schedule import (
    CosineAnnealingLR,
    ExponentialLR,
    LinearLR,
    ReduceLROnPlateau,
    Schedule,
    StepLR,
    WarmUp,
)
from gradatim.optim.sgd import SGD, Momentum, Nesterov

__all__ = [
    "SGD",
    "AdaGrad",
    "Adam",
    "AdamW",
    "CosineAnnealingLR",
    "ExponentialLR",
    "LinearLR",
    "Momentum",
    "Nesterov",
    "Optimizer",
    "RMSProp",
    "Rate",
    "ReduceLROnPlateau",
    "Schedule",
    "StepLR",
    "WarmUp",
    "clip_by_norm",
    "clip_by_value",
]
