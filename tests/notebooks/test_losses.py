"""Notebook `losses`, row by row."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim import book
from gradatim.notebooks import losses, original
from gradatim.notebooks.step import Step


def test_2_1(compute):
    found = compute(losses.squared_errors)

    assert found["sse"].got == 0.19500000000000006
    assert found["sse with one half"].got == 0.09750000000000003
    assert found["book.sse"].got == 0.19500000000000006


def test_2_2(compute):
    found = compute(losses.entropy)

    assert found["exact, -ln 0.6"].got == 0.5108256237659907
    assert found["with 1e-7, as printed"].got == 0.510825457099338
    assert found["the printed vector at 2"].got == "-0.51082546"


def test_2_3(compute):
    found = compute(losses.target_kinds)

    assert len(found.claims) == 5
    assert found["mini-batch, one-hot against labels"].got == pytest.approx(
        2.7543101567298396, abs=1e-15
    )
    assert found["book.cross_entropy_error of an int"].notebook == (
        "AttributeError: 'int' object has no attribute 'reshape'"
    )


def test_2_4(compute):
    found = compute(losses.derivatives)

    for name in ("", "book: "):
        assert found[f"{name}slope of x0**2 + 16"].got == 6.00000000000378
        assert found[f"{name}slope of 9 + x1**2"].got == 7.999999999999119


def test_2_5(compute):
    found = compute(losses.gradients)

    first, second, third = (found[f"at {point}"] for point in losses.POINTS)
    assert first.got.tolist() == [6.00000000000378, 7.999999999999119]
    assert second.got.tolist() == [15.99999999996271, 19.99999999995339]
    assert third.got.tolist() == [-9.999999999976694, -5.9999999999860165]
    for claim, printed in ((first, [6, 0]), (second, [16, 0]), (third, [-10, 0])):
        assert claim.notebook.tolist() == pytest.approx(printed, abs=1e-9)


def test_2_6(compute):
    found = compute(losses.descent)

    reached = found["(x0, x1)"]
    assert reached.got.tolist() == pytest.approx(
        [-6.111107928998789e-10, 8.148143905314271e-10], rel=1e-9
    )
    assert reached.notebook.tolist() == pytest.approx([-6.10953066e-10, 4.0], rel=1e-8)
    assert found["0.8**100 of the start"].got.tolist() == [
        -6.111107929003493e-10,
        8.14814390533799e-10,
    ]


def test_2_7(compute):
    found = compute(losses.rates)

    assert found["rate 10: sizes"].got.tolist() == pytest.approx(
        [2.5898374737328363e13, 1.2952486168965398e12], rel=1e-3
    )
    assert found["rate 1e-10"].got.tolist() == pytest.approx(
        [-2.999999939999995, 3.9999999199999934], abs=1e-12
    )
    assert found["rate 10: the Doctor names"].got == ["learning rate too high"]
    assert found["rate 1e-10: the Doctor names"].got == ["learning rate too low"]
    assert found["rate 0.1: the Doctor names"].got == []


def test_2_8(compute):
    found = compute(losses.integers)

    for name in ("gd.check.numerical_gradient", "book.numerical_gradient"):
        claim = found[f"{name} at [3, 4]"]
        assert claim.got.tolist() == pytest.approx([6, 8], abs=1e-9)
        assert claim.notebook.tolist() == [25000, 35000]


def test_2_9(compute):
    found = compute(losses.single)

    for name in ("gd.check.numerical_gradient", "book.numerical_gradient"):
        assert found[name].got.tolist() == pytest.approx([6, 8], abs=1e-9)
        assert found[name].notebook.tolist() == pytest.approx([5.989, 8.001], abs=1e-3)


def test_2_10(compute):
    found = compute(losses.ownership)

    assert found["start after descent"].got.tolist() == [-3.0, 4.0]
    assert found["start after descent"].notebook[0] == pytest.approx(-3 * 0.8**3)
    for name in ("gd.check.numerical_gradient", "book.numerical_gradient"):
        claim = found[f"x after an error in f, {name}"]
        assert claim.got.tolist() == [3.0, 4.0]
        assert claim.notebook.tolist() == [3.0 - 1e-4, 4.0]


def test_2_11(compute):
    found = compute(losses.one_name)

    assert found["one-hot targets"].got == pytest.approx(0.5249110622493389, abs=1e-15)
    assert found["one-hot targets"].notebook.startswith("IndexError: shape mismatch")
    assert found["book, (y, t)"].got == pytest.approx(0.5249110622493389, abs=1e-15)


def test_2_12(compute):
    found = compute(losses.activations)

    for name in ("gd", "book"):
        assert found[f"{name}.softmax([1000, 1001, 1002])"].got.tolist() == pytest.approx(
            [0.09003057317038046, 0.24472847105479764, 0.6652409557748218], abs=1e-15
        )
        assert found[f"{name}.softmax against the transpose"].got <= 1e-15
    assert found["sigmoid(-1000 ... 1000), without overflow"].got[[0, 2, 4]].tolist() == [0, 0.5, 1]


def test_2_13(compute):
    found = compute(losses.by_hand)

    assert found["numerical gradient against backprop"].got < 1e-7
    assert 5.38 < found["numerical step: loss before"].got < 10.46
    assert 0.20 < found["numerical step: drop"].got < 1.28
    assert min(found["20 seeds: loss before"].got) == pytest.approx(5.38, abs=0.005)
    assert max(found["20 seeds: loss before"].got) == pytest.approx(10.46, abs=0.005)
    assert found["20 seeds: mean before"].got == pytest.approx(7.67, abs=0.01)
    assert min(found["20 seeds: drop"].got) == pytest.approx(0.20, abs=0.005)
    assert max(found["20 seeds: drop"].got) == pytest.approx(1.28, abs=0.005)
    assert found["20 seeds: mean drop"].got == pytest.approx(0.66, abs=0.01)
    assert found["drop / (rate |g|**2) with 1e-7"].got == pytest.approx(0.86, abs=0.02)
    exact = "drop / (rate |g|**2), exact loss, rate"
    assert 0.9990 < min(found[f"{exact} 0.001"].got) < max(found[f"{exact} 0.001"].got) < 0.9998
    assert 0.990 < min(found[f"{exact} 0.01"].got) < max(found[f"{exact} 0.01"].got) < 0.998
    assert 0.90 < min(found[f"{exact} 0.1"].got) < max(found[f"{exact} 0.1"].got) < 0.98


def test_2_14(compute):
    found = compute(losses.pure)

    assert found["a gradient for each of three layers"].got == [True] * 4
    assert found["of a function that ignores its argument"].got == 0
    assert found["of a function that ignores its argument"].notebook > 0.01
    assert found["backprop of three layers is"].got == "right"


def test_2_15(compute):
    found = compute(losses.story)

    assert found["of 510 slopes of the accuracy, share that is 0"].got == 1.0
    assert found["of 510 slopes of the loss, share that is 0"].got == 0.0
    assert found["loss after one step / before"].got < 0.99


def test_the_notebooks_own_gradient_is_refuted(monkeypatch, refuted):
    monkeypatch.setattr(book, "numerical_gradient", original.numerical_gradient)

    assert refuted(losses.gradients) == [
        f"book.numerical_gradient at {point}" for point in losses.POINTS
    ]


def test_the_notebooks_own_descent_is_refuted(monkeypatch, refuted):
    monkeypatch.setattr(book, "gradient_descent", original.gradient_descent)

    assert "(x0, x1)" in refuted(losses.descent)
    assert "start after descent" in refuted(losses.ownership)


def test_a_softmax_of_the_whole_batch_is_refuted(monkeypatch, refuted):
    monkeypatch.setattr(book, "softmax", original.softmax)

    assert refuted(losses.activations) == ["book.softmax against the transpose"]


@pytest.mark.parametrize("name", ["numerical_gradient_in_place", "numerical_gradient"])
def test_a_gradient_in_the_dtype_of_integers_is_refuted(monkeypatch, refuted, name):
    monkeypatch.setitem(losses.GRADIENTS, "book.numerical_gradient", getattr(original, name))

    assert "book.numerical_gradient at [3, 4]" in refuted(losses.integers)


def test_a_step_along_a_wrong_gradient_is_refuted(monkeypatch, refuted):
    monkeypatch.setattr(losses, "numerical_step", lambda *_: (Step(8.0, 7.5, 5.0, 0.1), 1e-3))
    monkeypatch.setattr(losses, "one_step", lambda *_: Step(8.0, 7.5, 5.0, 0.1))

    assert refuted(losses.by_hand)[0] == "numerical gradient against backprop"


def test_nothing_is_drawn_from_the_callers_random_numbers(compute):
    np.random.seed(5)
    before = np.random.get_state()[1].copy()
    compute(losses.target_kinds)

    assert np.array_equal(np.random.get_state()[1], before)
