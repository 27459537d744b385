"""Clipping makes new gradients, and tells the norm there was."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim import nn, optim
from gradatim.errors import NoGradientError, StateError


@pytest.fixture
def pair():
    a, b = gd.Parameter([1.0, -3.0]), gd.Parameter([[2.0]])
    a.grad, b.grad = gd.Tensor([3.0, -0.5]), gd.Tensor([[-4.0]])
    return a, b


def test_by_value(pair):
    optim.clip_by_value(pair, 1.0)

    assert [p.grad.tolist() for p in pair] == [[1.0, -0.5], [[-1.0]]]


def test_by_norm_scales_all_by_one_factor(pair):
    norm = optim.clip_by_norm(pair, 1.0)

    assert norm.item() == pytest.approx(np.sqrt(9 + 0.25 + 16))
    joined = np.concatenate([p.grad.numpy().ravel() for p in pair])
    assert np.linalg.norm(joined) == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(joined / joined[0], [1, -0.5 / 3, -4 / 3])


def test_by_norm_leaves_small_gradients_as_they_are(pair):
    optim.clip_by_norm(pair, 100.0)

    assert [p.grad.tolist() for p in pair] == [[3.0, -0.5], [[-4.0]]]


def test_a_norm_of_zero_is_no_division_by_zero():
    w = gd.Parameter([0.0])
    w.grad = gd.Tensor([0.0])

    assert optim.clip_by_norm([w], 1.0).item() == 0
    assert w.grad.tolist() == [0]


@pytest.mark.parametrize("clip", [optim.clip_by_value, optim.clip_by_norm])
@pytest.mark.parametrize("limit", [0.1, 100.0])
def test_no_array_of_the_caller_is_written_into_or_shared(pair, clip, limit):
    before = [p.grad for p in pair]
    copies = [g.numpy() for g in before]

    clip(pair, limit)

    for p, g, copy in zip(pair, before, copies):
        np.testing.assert_array_equal(g.numpy(), copy)
        assert not np.shares_memory(p.grad.data, g.data)


@pytest.mark.parametrize("clip", [optim.clip_by_value, optim.clip_by_norm])
def test_whatever_holds_parameters_may_be_given(clip):
    model = nn.MLP([2, 2], rng=0)
    for given in (model, model.parameters(), iter(model.parameters()), model[0].weight):
        model(np.ones((3, 2))).sum().backward()
        clip(given, 0.5)
        assert np.abs(model[0].weight.grad.numpy()).max() <= 0.5
        assert model[0].weight.grad.dtype == np.float32
        model.zero_grad()


@pytest.mark.parametrize("clip", [optim.clip_by_value, optim.clip_by_norm])
def test_without_gradients_there_is_nothing_to_clip(clip):
    with pytest.raises(NoGradientError, match=r"between loss\.backward"):
        clip([gd.Parameter(1.0)], 1.0)


@pytest.mark.parametrize("clip", [optim.clip_by_value, optim.clip_by_norm])
@pytest.mark.parametrize("limit", [0, -1.0, float("nan")])
def test_a_limit_is_above_zero(pair, clip, limit):
    with pytest.raises(StateError, match="it must be above 0"):
        clip(pair, limit)


def test_a_frozen_parameter_is_passed_over(pair):
    frozen = gd.Parameter([1.0], requires_grad=False)

    optim.clip_by_value([*pair, frozen], 1.0)

    assert frozen.grad is None
