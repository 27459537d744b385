"""A moment keeps what a Tensor held, whatever is written into it later."""

from __future__ import annotations

import numpy as np

import gradatim as gd
from gradatim.draw.picture.moment import Moments


def test_what_is_not_changed_stays_the_same_moment():
    moments, x = Moments(), gd.Tensor([1.0, np.nan])

    assert moments.of(x) is moments.of(x)


def test_what_is_changed_is_another_moment_and_the_first_stays():
    moments, x = Moments(), gd.Tensor([1.0, 2.0])
    before = moments.of(x)
    x.data.fill(0.0)  # told to nobody

    assert before.raw.tolist() == [1.0, 2.0]
    assert moments.of(x).raw.tolist() == [0.0, 0.0]
    assert moments.latest(x) is not before


def test_what_was_overwritten_before_anyone_looked_is_not_known():
    moments, x = Moments(), gd.Tensor([1.0, 2.0])
    x.assign(0.0)

    assert moments.before(x).raw is None
    assert moments.before(x).shape == (2,)
    assert moments.written(x).raw.tolist() == [0.0, 0.0]


def test_names_get_a_prime_for_each_write():
    moments, x, other = Moments(), gd.Tensor(1.0), gd.Tensor(2.0)
    seen = [moments.of(x), moments.written(x), moments.written(x), moments.of(other)]
    moments.call({id(x): "mean"})

    assert [moment.name for moment in seen] == ["mean", "mean′", "mean′′", ""]


def test_the_kind_is_that_of_the_leaf():
    kinds = [
        Moments().of(x, kind).kind
        for x, kind in (
            (gd.Parameter(1.0), None),
            (gd.Tensor(1.0, requires_grad=True), None),
            (gd.Tensor(1.0), None),
            (gd.Tensor(1.0), "input"),
        )
    ]

    assert kinds == ["parameter", "variable", "constant", "input"]
