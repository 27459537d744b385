"""Notebook `training`, row by row, and its training step by step beside plain NumPy.

In the steps two things are not as in the notebook: the loss is exact (it adds 1e-7 to each
probability) and is taken before the update (it takes that of the same batch after it).
"""

from __future__ import annotations

import numpy as np
import pytest

from gradatim import book, cross_entropy, nn, optim
from gradatim.data import Dataset, Loader
from gradatim.notebooks import original, training
from gradatim.train import Trainer

STEPS, BATCH, RATE = 200, 100, 0.1


def test_0_1(compute):
    found = compute(training.activations)

    assert found["gradient of Relu at 0"].got.tolist() == [0.0]
    assert found["Relu against differences"].got.tolist() == [0.0, 0.0, 3.0, 0.5]
    slope = np.exp(-0.3) / (1 + np.exp(-0.3)) ** 2
    assert found["Sigmoid against differences"].got[2] == pytest.approx(3 * slope, abs=1e-12)
    assert found["Sigmoid at -1000 and 1000, no overflow"].got.tolist() == [0.0, 1.0]


def test_0_2(compute):
    found = compute(training.tensor_input)

    assert found["out"].got == (2, 5)
    assert found["dx"].got == (2, 3, 4)
    assert found["dW"].got == (12, 5)
    assert found["db"].got == (5,)


def test_0_3(compute):
    found = compute(training.both_branches)

    assert len(found.claims) == 4
    assert all(claim.got <= 1e-15 for claim in found.claims)


def test_0_4(compute):
    found = compute(training.first_loss)

    assert found["seed 0"].got == pytest.approx(2.30128645314626, abs=1e-9)
    assert found["seed 1"].got == pytest.approx(2.30111522163805, abs=1e-9)
    assert found["seed 2"].got == pytest.approx(2.30157364021705, abs=1e-9)


def test_0_5(compute):
    """Seed 0 up to step 600; all three seeds to the end in test_reproduce.py."""
    found = compute(training.golden)

    assert found["seed 0, i = 600: train, test"].got == pytest.approx((0.905133, 0.9069), abs=0.003)


def test_0_6(compute):
    """The second line instead of the last, which is in test_reproduce.py."""
    found = compute(training.last_line)

    assert found["second line instead: train, test"].got == pytest.approx((0.905, 0.907), abs=0.01)


def test_0_7(compute):
    found = compute(training.untouched)

    assert found["dout afterwards"].got.tolist() == [1.0, 1.0, 1.0]
    assert found["dout afterwards"].notebook.tolist() == [0.0, 1.0, 1.0]


def test_0_8(compute):
    found = compute(training.one_sample)

    assert found["gradient / (y - t)"].got == pytest.approx(1, abs=1e-14)
    assert found["gradient / (y - t)"].notebook == pytest.approx(0.1, abs=1e-14)
    assert found["from dout = 3 / from 1"].got == pytest.approx(3, abs=1e-13)
    assert found["from dout = 3 / from 1"].notebook == 1
    assert found["gd.cross_entropy"].got == pytest.approx(1, abs=1e-14)


def test_0_9(compute):
    found = compute(training.by_size)

    assert found["shape of the gradient"].got == (4, 1)
    assert found["shape of the gradient"].notebook == (4, 4)
    assert found["gd.cross_entropy"].got == (4, 1)


def test_0_10(compute):
    found = compute(training.with_epsilon)

    for name, without, added in (("b1", 3e-12, 2.8e-9), ("W2", 2e-12, 6.1e-9)):
        assert found[f"{name}: mean difference"].got < without
        assert found[f"{name}: mean difference"].notebook == pytest.approx(added, rel=0.25)
    assert found["b2: mean difference"].got < 1.25e-10
    assert found["b2: mean difference"].notebook == pytest.approx(1.40e-7, rel=0.05)


def test_0_11(compute):
    found = compute(training.events)

    evaluations = {claim.text: (claim.got, claim.notebook) for claim in found.claims}
    assert evaluations == {
        "batch 100": (18, 17),
        "batch 64": (12, 6),
        "batch 128": (23, 6),
        "batch 256": (44, 6),
    }


def test_0_12(compute):
    found = compute(training.epochs)

    assert found["share seen with replacement"].got == pytest.approx(0.631, abs=0.005)
    assert found["images seen in an epoch"].got == 60_000
    assert found["images seen in an epoch"].notebook == pytest.approx(37_900, abs=300)
    assert found["evaluated, of 8 steps, 3 an epoch"].got == [0, 3, 6, 8]
    assert found["loss before the update is above that after it"].got is True


def test_0_13(compute):
    found = compute(training.one_owner)

    assert found["Affine1 after both were replaced"].got.tolist() == [[5.0] * 3]
    assert found["Affine1 after both were replaced"].notebook == "moved by 0.0"
    assert found["nn.MLP after loading"].got.tolist() == [[4.0] * 3]


def test_0_14(compute):
    found = compute(training.any_depth)

    for sizes in ("784-10", "784-50-10", "784-30-20-20-15-10"):
        assert found[f"{sizes}: loss after 20 steps / before"].got < 0.95


def test_0_15(compute):
    found = compute(training.division)

    assert [claim.text.partition(":")[0] for claim in found.claims] == [
        "layers.0.weight",
        "layers.0.bias",
        "layers.2.weight",
        "layers.2.bias",
    ]
    assert all(claim.got <= 1e-15 for claim in found.claims)


# --- what would be found out -----------------------------------------------------------------


def test_the_notebooks_own_relu_is_refuted(monkeypatch, refuted):
    monkeypatch.setattr(book, "Relu", original.Relu)

    assert refuted(training.untouched) == ["dout afterwards"]


def test_a_gradient_that_is_summed_is_refuted(monkeypatch, refuted):
    right = training.cross_entropy
    monkeypatch.setattr(training, "cross_entropy", lambda z, t: right(z, t) * len(z))

    assert len(refuted(training.division)) == 4


def test_a_golden_run_with_another_rate_is_refuted(monkeypatch, session):
    monkeypatch.setattr("gradatim.notebooks.golden.RATE", 0.11)
    other = type(session)()
    other.digits = session.digits

    assert not training.first_loss(other)["seed 1"].holds


# --- step by step ----------------------------------------------------------------------------


def network(plain):
    """Our network with the weights of the book's."""
    model = nn.MLP([784, 50, 10], dtype=np.float64)
    for parameter, value in zip(model.parameters(), plain.params.values(), strict=True):
        parameter.assign(value)
    return model


def plain_network(seed):
    """The book's network, in plain NumPy."""
    drawn = np.random.default_rng(seed)
    plain = book.TwoLayerNet(784, 50, 10)
    for key in ("W1", "W2"):
        plain.params[key] = 0.01 * drawn.standard_normal(plain.params[key].shape)
    return plain


def losses_by_hand(plain, loader):
    losses = []
    for _, x, t in loader.batches(0, STEPS):
        losses.append(plain.loss(x, t))
        grads = plain.gradient(x, t)
        for key in ("W1", "b1", "W2", "b2"):
            plain.params[key] -= RATE * grads[key]
    return np.array(losses)


@pytest.mark.parametrize("sampling", ["replacement", "epoch"])
def test_losses_of_200_steps_are_those_of_the_book(session, sampling):
    plain = plain_network(0)
    model = network(plain)
    trainer = Trainer(model, cross_entropy, optim.SGD(model, lr=RATE), progress="none")
    settings = {"batch_size": BATCH, "sampling": sampling, "seed": 1}
    few = Dataset(session.digits.x[:2000], session.digits.t[:2000])
    history = trainer.fit(few, steps=STEPS, evaluate_every=STEPS, **settings)
    expected = losses_by_hand(plain, Loader(few, dtype=np.float64, **settings))

    assert 2.300 < expected[0] < 2.3028
    assert expected[-20:].mean() < 1.0
    assert np.abs(history.losses - expected).max() < 1e-12
    for parameter, value in zip(model.parameters(), plain.params.values(), strict=True):
        assert np.abs(parameter.data - value).max() < 1e-12


def test_one_hot_targets_give_the_same_losses(session):
    x, t = session.digits.x[:1000].astype(np.float64), session.digits.t[:1000]
    runs = []
    for targets in (t, np.eye(10)[t]):
        model = network(plain_network(0))
        trainer = Trainer(model, cross_entropy, optim.SGD(model, lr=RATE), progress="none")
        runs.append(trainer.fit((x, targets), steps=30, batch_size=BATCH))
    labels, one_hot = runs

    assert np.abs(labels.losses - one_hot.losses).max() < 1e-12
    assert one_hot.last["train_accuracy"] == labels.last["train_accuracy"] is not None
