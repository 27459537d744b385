"""Einstein sums find a cheap order where it pays, and print what they ran."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd


def order_of(*call):
    """Settings with which the primitive ran."""
    found = []
    with gd.listen(lambda primitive, inputs, settings, output: found.append(settings)):
        gd.einsum(*call)
    return found[-1]


@pytest.mark.parametrize(
    ("subscripts", "written"),
    [
        ("ij,jk", "ij,jk->ik"),
        (" b i , b i -> b ", "bi,bi->b"),
        ("ba", "ba->ab"),
        ("...a", "ba->ba"),
    ],
)
def test_subscripts_are_written_out(subscripts, written):
    operands = [np.ones((2, 2))] * (subscripts.count(",") + 1)

    assert order_of(subscripts, *operands)["subscripts"] == written


def test_an_order_is_looked_for_where_it_pays():
    small, large = np.ones((4, 4)), np.ones((50, 50))

    assert order_of("ij,jk", small, small)["optimize"] is False
    assert order_of("ij,jk", large, large)["optimize"] is True
    assert order_of("ij,jk,kl", small, small, small)["optimize"] is True


def test_the_order_can_be_asked_for():
    x = np.ones((2, 2))

    def ran(optimize):
        found = []
        with gd.listen(lambda primitive, inputs, settings, output: found.append(settings)):
            gd.einsum("ij,jk", x, x, optimize=optimize)
        return found[-1]["optimize"]

    assert ran("greedy") is True
    assert ran(False) is False


def test_all_letters_may_be_taken():
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    x = np.arange(2.0)

    assert gd.einsum("Z,Z", x, x).item() == 1.0
    assert gd.einsum("...Z->...", np.ones((2, 3))).tolist() == [3.0, 3.0]
    assert set(order_of("...ab", np.ones((2, 2, 2)))["subscripts"]) <= {*letters, *",->"}
