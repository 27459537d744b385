"""Optimizers, schedules and clipping beside PyTorch's, 50 float64 steps."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim import nn, optim

torch = pytest.importorskip("torch")

STEPS = 50
OPTIMIZERS = {
    "SGD": (optim.SGD, {}, "SGD", {}),
    "Momentum": (optim.Momentum, {"momentum": 0.9}, "SGD", {"momentum": 0.9}),
    "Nesterov": (
        optim.Nesterov, {"momentum": 0.8}, "SGD", {"momentum": 0.8, "nesterov": True},
    ),
    "AdaGrad": (optim.AdaGrad, {}, "Adagrad", {}),
    "RMSProp": (optim.RMSProp, {"alpha": 0.95}, "RMSprop", {"alpha": 0.95}),
    "Adam": (optim.Adam, {"beta1": 0.8}, "Adam", {"betas": (0.8, 0.999)}),
    "AdamW": (optim.AdamW, {"eps": 1e-6}, "AdamW", {"eps": 1e-6}),
}  # fmt: skip


@pytest.fixture
def twins():
    """One network in both libraries, and a batch."""
    ours = nn.MLP([6, 5, 4], "tanh", dtype=np.float64, rng=0)
    theirs = torch.nn.Sequential(
        torch.nn.Linear(6, 5), torch.nn.Tanh(), torch.nn.Linear(5, 4)
    ).double()
    for mine, other in ((ours[0], theirs[0]), (ours[2], theirs[2])):
        other.weight.data = torch.tensor(mine.weight.numpy().T.copy())
        other.bias.data = torch.tensor(mine.bias.numpy())
    rng = np.random.default_rng(0)
    return ours, theirs, rng.standard_normal((9, 6)), rng.integers(0, 4, 9)


def compare(ours, theirs):
    for mine, other in ((ours[0], theirs[0]), (ours[2], theirs[2])):
        np.testing.assert_allclose(
            mine.weight.numpy(), other.weight.detach().numpy().T, rtol=0, atol=1e-12
        )
        np.testing.assert_allclose(
            mine.bias.numpy(), other.bias.detach().numpy(), rtol=0, atol=1e-12
        )


@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_fifty_steps_are_those_of_torch(twins, name, weight_decay):
    ours, theirs, x, t = twins
    kind, rates, other_name, other_rates = OPTIMIZERS[name]
    mine = kind(ours, lr=0.02, weight_decay=weight_decay, **rates)
    other = getattr(torch.optim, other_name)(
        theirs.parameters(), lr=0.02, weight_decay=weight_decay, **other_rates
    )
    their_x, their_t = torch.tensor(x), torch.tensor(t)

    for _ in range(STEPS):
        gd.cross_entropy(ours(x), t).backward()
        mine.step()
        other.zero_grad()
        torch.nn.functional.cross_entropy(theirs(their_x), their_t).backward()
        other.step()
        compare(ours, theirs)


SCHEDULES = [
    ("StepLR", {"step_size": 7, "gamma": 0.5}),
    ("ExponentialLR", {"gamma": 0.9}),
    ("CosineAnnealingLR", {"T_max": 30, "eta_min": 0.001}),
    ("LinearLR", {"start_factor": 0.25, "end_factor": 0.75, "total_iters": 12}),
]


def rates_of(optimizer, schedule, read, steps=STEPS):
    rates = [read(optimizer)]
    for _ in range(steps):
        optimizer.step()
        schedule.step()
        rates.append(read(optimizer))
    return rates


def our_rates(make):
    w = gd.Parameter(1.0)
    optimizer = optim.SGD([w], lr=0.3)
    schedule = make(optimizer)

    def read(optimizer):
        w.grad = gd.Tensor(0.0)
        return optimizer.lr

    return rates_of(optimizer, schedule, read)


def their_rates(make):
    w = torch.nn.Parameter(torch.tensor(1.0, dtype=torch.float64))
    optimizer = torch.optim.SGD([w], lr=0.3)
    return rates_of(optimizer, make(optimizer), lambda o: o.param_groups[0]["lr"])


@pytest.mark.parametrize(("name", "settings"), SCHEDULES)
def test_schedules_are_those_of_torch(name, settings):
    ours = our_rates(lambda o: getattr(optim, name)(o, **settings))
    theirs = their_rates(lambda o: getattr(torch.optim.lr_scheduler, name)(o, **settings))

    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)


@pytest.mark.filterwarnings("ignore:The epoch parameter:UserWarning")
def test_warming_up_is_torch_s_sequence_of_two():
    ours = our_rates(
        lambda o: optim.WarmUp(optim.CosineAnnealingLR(o, T_max=40), steps=8, start_factor=0.1)
    )
    schedules = torch.optim.lr_scheduler

    def sequence(o):
        parts = [schedules.LinearLR(o, 0.1, 1.0, 8), schedules.CosineAnnealingLR(o, 40)]
        return schedules.SequentialLR(o, parts, [8])

    np.testing.assert_allclose(ours, their_rates(sequence), rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "settings",
    [
        {"patience": 2, "factor": 0.5},
        {"patience": 0, "factor": 0.3, "cooldown": 2},
        {"patience": 1, "factor": 0.5, "mode": "max", "threshold": 0.01, "threshold_mode": "abs"},
        {"patience": 1, "factor": 0.1, "min_lr": 0.01},
    ],
)
def test_plateau_is_that_of_torch(settings):
    metrics = np.round(np.abs(np.random.default_rng(0).standard_normal(STEPS)), 2)
    mine = optim.SGD([gd.Parameter(1.0)], lr=0.3)
    other = torch.optim.SGD([torch.nn.Parameter(torch.tensor(1.0))], lr=0.3)
    schedule = optim.ReduceLROnPlateau(mine, **settings)
    their_schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(other, **settings)

    for metric in metrics:
        schedule.step(float(metric))
        their_schedule.step(float(metric))
        assert mine.lr == pytest.approx(other.param_groups[0]["lr"], abs=1e-15)


@pytest.mark.parametrize("max_norm", [0.01, 1.0, 100.0])
def test_clipping_by_norm_is_that_of_torch(twins, max_norm):
    ours, theirs, x, t = twins
    gd.cross_entropy(ours(x), t).backward()
    torch.nn.functional.cross_entropy(theirs(torch.tensor(x)), torch.tensor(t)).backward()

    norm = optim.clip_by_norm(ours, max_norm)
    their_norm = torch.nn.utils.clip_grad_norm_(theirs.parameters(), max_norm)

    assert norm.item() == pytest.approx(their_norm.item(), abs=1e-12)
    np.testing.assert_allclose(
        ours[0].weight.grad.numpy(), theirs[0].weight.grad.numpy().T, rtol=0, atol=1e-12
    )
