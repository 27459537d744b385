"""Notebook `mlp`, row by row."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim import book
from gradatim.notebooks import batches, mlp, original


def test_1_1(compute):
    found = compute(batches.folders)

    assert found["mnist_dataset: pixels equal those of IDX"].got is True
    assert found["labels"].got is True
    assert found["dtype, largest"].got == ("float64", 1.0)
    assert found["files that are no images, skipped"].got == 1
    assert found["gd.data.ImageFolder: the same bytes"].got is True
    assert found["a damaged file is named"].got is True


def test_1_2(compute):
    found = compute(batches.loader)

    assert found["batches"].got == 3750
    assert found["images served"].got == 60_000
    rate = found["images a second / the notebook's 7,180"]
    assert (rate.verdict, rate.expected) == ("timed", "aim: at least 10")


def test_1_3(compute):
    found = compute(batches.each_once)

    small, large = found["dataloader, batches of 16"], found["dataloader, batches of 100"]
    assert small.got == large.got == 60_000
    assert (small.notebook, large.notebook) == (59_984, 59_900)
    assert found["gd.data.Loader, batches of 16"].got == 60_000


def test_1_4(compute):
    found = compute(batches.rest)

    assert found["read, served"].got == (105, 105)
    assert found["read, served"].notebook == (105, 100)
    assert found["gd.data.Loader, drop_last False and True"].got == [105, 100]
    assert found["dataloader of 5 images"].got == "UserWarning"
    assert found["dataloader of 5 images"].notebook == "0 batches"
    assert found["gd.data.Loader of 5 images"].got == "DataError"


def test_1_5(compute):
    found = compute(batches.progress)

    assert found["gradatim.book needs tqdm"].got is False


def test_1_6(compute):
    found = compute(mlp.activation)

    assert found["book.MLP_Network uses it"].got is True
    assert found["book.MLP_Network uses it"].notebook is False
    assert found["nn.MLP: all in (0, 1) before the last"].got is True


def test_1_7(compute):
    found = compute(mlp.forward)

    for name in ("nn.MLP", "book"):
        assert found[f"{name}: shapes of (2,) and (5, 2)"].got == [(10,), (5, 10)]
        assert found[f"{name}: sums of softmax"].got == pytest.approx([1.0] * 6, abs=1e-15)


def test_1_8(compute):
    found = compute(mlp.by_row)

    for name in ("gd", "book"):
        sums = found[f"{name}.softmax: sums of two rows"]
        assert sums.got.tolist() == pytest.approx([1, 1], abs=1e-15)
        assert sums.notebook.tolist() == pytest.approx([0.5, 0.5])
        assert found[f"{name}.softmax([1000, 0])"].got.tolist() == [1.0, 0.0]
        assert np.isnan(found[f"{name}.softmax([1000, 0])"].notebook[0])


def test_1_9(compute):
    found = compute(mlp.finite)

    assert found["of (0, 1) and target (0, 1)"].got == 0
    assert np.isnan(found["of (0, 1) and target (0, 1)"].notebook)
    assert found["initial loss, 1,000 digits"].got == pytest.approx(281, abs=130)
    assert np.isnan(found["initial loss, 1,000 digits"].notebook)


def test_1_10(compute):
    found = compute(mlp.relu)

    for name in ("book.ReLU", "gd.relu"):
        assert found[f"{name}(-1, -inf)"].got == "[0.0, 0.0]"
        assert found[f"{name}(-1, -inf)"].notebook == "[-0.0, nan]"


def test_1_11(compute):
    found = compute(mlp.slips)

    assert found["shape of a bias after an update"].got == (3,)
    assert found["shape of a bias after an update"].notebook == (3, 3)
    assert found["book.MLP_Network: w - λ/n Σg, square layers"].got <= 1e-15
    assert found["a misspelt attribute of a module"].got == "MisspeltAttributeWarning"


def test_1_12(compute):
    found = compute(mlp.per_sample)

    for path in ("layers.0.weight", "layers.0.bias", "layers.2.weight", "layers.2.bias"):
        assert found[f"{path}: mean of samples against batch"].got <= 1e-12
        assert found[f"{path}: the notebook's loop"].got <= 1e-12
    assert found["against differences"].got <= 1e-7


def test_1_13(compute):
    found = compute(mlp.update)

    assert len(found.claims) == 4
    assert all(claim.got <= 1e-12 for claim in found.claims)


def test_1_14(compute):
    found = compute(mlp.every_class)

    a = np.exp([0.5, -1.0, 2.0, 0.1]) / np.exp([0.5, -1.0, 2.0, 0.1]).sum()
    assert found["dC/dz"].got.tolist() == pytest.approx((a - [0, 0, 1, 0]).tolist(), abs=1e-8)
    assert found["dC/dz"].notebook.tolist() == pytest.approx([0, 0, a[2] - 1, 0])


def test_1_15(compute):
    """A thousand steps; the whole epochs in test_reproduce.py."""
    found = compute(mlp.last_cell)

    assert found["1,000 steps as written: test accuracy"].got < 0.7
    assert found["as written: dead hidden units, of 512"].got > 200
    assert found["as written: the Doctor names"].got == ["dead units", "learning rate too high"]
    assert found["its recipe"].got == "{'init': 'he', 'lr': 0.1}"
    assert found["1,000 steps by the recipe: test accuracy"].got > 0.90
    assert found["by the recipe: dead hidden units"].got <= 5
    assert found["by the recipe: the Doctor names"].got == []


# --- what would be found out -----------------------------------------------------------------


def test_the_notebooks_own_loader_is_refuted(monkeypatch, refuted):
    monkeypatch.setattr(book, "dataloader", original.DataLoader)

    assert refuted(batches.each_once) == ["dataloader, batches of 16", "dataloader, batches of 100"]
    assert refuted(batches.rest) == ["read, served", "dataloader of 5 images"]


def test_the_notebooks_own_functions_are_refuted(monkeypatch, refuted):
    for name in ("softmax", "cross_entropy_loss"):
        monkeypatch.setattr(book, name, getattr(original, name))
    monkeypatch.setattr(book, "ReLU", original.relu)

    assert "book.softmax: sums of two rows" in refuted(mlp.by_row)
    assert "of (0, 1) and target (0, 1)" in refuted(mlp.finite)
    assert refuted(mlp.relu) == ["book.ReLU(-1, -inf)"]


def test_sums_that_change_places_are_refuted(monkeypatch, refuted):
    right = book.MLP_Network.grad_batch
    monkeypatch.setattr(
        book.MLP_Network, "grad_batch", lambda self, batch: right(self, batch)[::-1]
    )

    assert refuted(mlp.per_sample)
    assert refuted(mlp.update)
