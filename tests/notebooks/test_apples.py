"""Notebook `apples`, row by row."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.notebooks import apples


def test_4_1(compute):
    found = compute(apples.price)

    assert found["price"].got == 220.00000000000003
    assert found["int(price)"].got == 220


def test_4_2(compute):
    found = compute(apples.price_gradients)

    assert found["dApple_price"].got == 1.1
    assert found["dApple"].got == 2.2
    assert found["dApple_num"].got == 110.00000000000001
    assert found["int(dApple_num)"].got == 110
    assert found["dTax"].got == 200


def test_4_3(compute):
    found = compute(apples.basket)

    assert found["all_price"].got == 650
    assert found["price"].got == 715.0000000000001


def test_4_4(compute):
    found = compute(apples.basket_gradients)

    assert found["dall_price"].got == 1.1
    assert found["dApple"].got == 2.2
    assert found["int(dApple_num)"].got == 110
    assert found["dOrange"].got == 3.3000000000000003
    assert found["int(dOrange_num)"].got == 165
    assert found["dTax"].got == 650


def test_4_5(compute):
    """From Tensors, and as it stands on the drawn graph."""
    found = compute(apples.tensors)

    drawn = [claim.got for claim in found.claims if "on the drawn graph" in claim.text]
    assert drawn == [("2.2",), ("110",), ("3.3",), ("165",), ("650",)]
    computed = [claim for claim in found.claims if "drawn" not in claim.text]
    assert {claim.text: claim.got for claim in computed} == {
        "price": 715.0000000000001,
        "dall_price": 1.1,
        "dapple_price": 1.1,
        "dorange_price": 1.1,
        "dApple": 2.2,
        "dApple_num": 110.00000000000001,
        "dOrange": 3.3000000000000003,
        "dOrange_num": 165.0,
        "dTax": 650.0,
    }


def test_4_6(compute):
    found = compute(apples.gradient_check)

    assert 1e-13 < found["W1, seed 0"].got < 1e-12
    assert 3e-13 < found["b1, seed 0"].got < 3e-12
    assert 4e-13 < found["W2, seed 0"].got < 2e-12
    assert 1.15e-10 < found["b2, seed 0"].got < 1.25e-10


def test_4_7(compute):
    found = compute(apples.explanation)

    assert found["b2 predicted"].got == pytest.approx(1.199992e-10, rel=1e-6)
    assert found["b2 found / predicted"].got == pytest.approx(1, abs=0.03)
    assert found["b2 by Richardson, h = 1e-2 (measured 1.2e-13)"].got < 1e-12
    assert found["W2 by Richardson, h = 1e-2 (measured 2.3e-14)"].got < 2e-13
    assert found["b2 with h = 1e-6: round-off again"].got == pytest.approx(1.2e-10, rel=0.9)


def test_4_8(compute):
    found = compute(apples.full_check_time)

    assert found["parameters"].got == 39_760
    assert (found["seconds"].verdict, found["seconds"].expected) == ("timed", "aim: at most 5")


def test_4_9(compute):
    """The first two of the seventeen lines; all of them in test_reproduce.py."""
    found = compute(apples.training)

    assert found["lines logged in 601 steps"].got == [0, 600]
    assert found["train accuracy, i = 600"].got == pytest.approx(0.905133, abs=0.003)
    assert found["test accuracy, i = 600"].got == pytest.approx(0.9069, abs=0.003)


def test_4_10(compute):
    found = compute(apples.reuse)

    assert found["oranges: dprice, dnumber"].got == (3.3000000000000003, 165.0)
    assert found["apples: dprice, dnumber"].got == "GraphError"
    assert found["apples: dprice, dnumber"].notebook == (3.3000000000000003, 165.0)
    assert found["by Tensors: dapple, dorange"].got == [2.2, 3.3000000000000003]


def test_a_layer_that_exchanges_its_gradients_is_refuted(monkeypatch, refuted):
    class Exchanged(apples.MulLayer):
        def backward(self, dout):
            dx, dy = super().backward(dout)
            return dy, dx

    monkeypatch.setattr(apples, "MulLayer", Exchanged)

    assert refuted(apples.price_gradients)[:2] == ["dApple_price", "dApple"]
    assert "dTax" in refuted(apples.basket_gradients)


def test_a_prediction_from_other_probabilities_is_refuted(monkeypatch, refuted):
    monkeypatch.setattr(apples, "softmax", lambda z: np.full(z.shape, 0.2))

    assert "b2 predicted" in refuted(apples.explanation)
