"""What all notebooks share, and numbers known from elsewhere."""

from __future__ import annotations

import pytest

from gradatim.notebooks import facts


def test_common_facts(compute):
    found = compute(facts.digits)

    assert found["train images"].got == (60_000, 28, 28)
    assert found["test images"].got == (10_000, 28, 28)
    assert found["first train labels"].got.tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert found["first test labels"].got.tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    train, test = (found[f"{part} images of each digit"].got for part in ("train", "test"))
    assert train.tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert test.tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert found["dtype"].got == "float32"
    assert found["train mean"].got == pytest.approx(0.1306604774, abs=1e-9)
    assert found["train std"].got == pytest.approx(0.3081078055, abs=1e-9)
    assert found["test mean"].got == pytest.approx(0.1325146070, abs=1e-9)


def test_common_load_mnist(compute):
    found = compute(facts.loading)

    assert found["flatten=False"].got == (60_000, 1, 28, 28)
    assert found["one_hot_label=True"].got == [(60_000, 10), (10_000, 10)]
    assert found["its dtype"].got == "float64"


def test_golden_micrograd(compute):
    found = compute(facts.micrograd)

    assert found["g"].got == pytest.approx(24.7041, abs=5e-5)
    assert found["dg/da"].got == pytest.approx(138.8338, abs=5e-5)
    assert found["dg/db"].got == pytest.approx(645.5773, abs=5e-5)


def test_golden_dezero(compute):
    assert compute(facts.dezero)["44"].got == 44.0


def test_golden_rosenbrock(compute):
    assert compute(facts.rosenbrock)["gradient"].got.tolist() == [-2.0, 400.0]
