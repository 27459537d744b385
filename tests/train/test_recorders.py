"""What is taken down of a training, compiled or not, while it stays as it is."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.errors import StateError
from gradatim.train import GradientNorms, Trainer, WeightPath, save_checkpoint

DATA = gd.data.moons(60)


def trained(*callbacks, steps=20, compile=False, **fit):
    model = gd.nn.MLP([2, 6, 2], rng=0)
    optimizer = gd.optim.SGD(model, lr=0.5)
    trainer = Trainer(
        *(model, gd.cross_entropy, optimizer),
        callbacks=callbacks,
        progress="none",
        compile=compile,
    )
    trainer.fit(DATA, steps=steps, batch_size=20, **fit)
    return trainer


def weights(trainer):
    return np.concatenate([p.data.ravel() for p in trainer.model.parameters()])


@pytest.mark.parametrize("compile", [False, True])
def test_a_watched_training_is_the_same_bit_for_bit(compile):
    if compile:
        pytest.importorskip("llvmlite")
    alone = trained(compile=compile)
    watched = trained(GradientNorms(5), WeightPath(5), compile=compile)

    assert weights(alone).tobytes() == weights(watched).tobytes()


@pytest.mark.parametrize("compile", [False, True])
def test_norms_are_those_of_a_fixed_sample(compile):
    if compile:
        pytest.importorskip("llvmlite")
    norms = GradientNorms(every=10, samples=60)
    trainer = trained(norms, compile=compile)

    assert norms.steps == [0, 10, 20]
    assert list(norms.norms) == [path for path, _ in trainer.model.named_parameters()]
    x, t = DATA.arrays(np.float32)
    gd.cross_entropy(trainer.model(x), t).backward()
    for path, p in trainer.model.named_parameters():
        assert norms.norms[path][-1] == pytest.approx(np.linalg.norm(p.grad.data), rel=1e-6)


def test_the_sample_is_spread_over_data_that_is_sorted():
    norms = GradientNorms(samples=3)
    trainer = trained(norms, steps=1)

    np.testing.assert_array_equal(
        norms._sample[0], trainer.state.loader.dataset.batch([0, 29, 59])[0]
    )


def test_no_gradient_is_left_behind():
    model = trained(GradientNorms(1), steps=3).model

    assert all(p.grad is None for p in model.parameters())


def test_frozen_parameters_have_no_norm():
    model = gd.nn.MLP([2, 6, 2], rng=0)
    model.layers[0].freeze()
    norms = GradientNorms(5)
    optimizer = gd.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.5)
    Trainer(model, gd.cross_entropy, optimizer, callbacks=[norms], progress="none").fit(
        DATA, steps=5, batch_size=20
    )

    assert list(norms.norms) == ["layers.2.weight", "layers.2.bias"]


def test_the_path_holds_copies_of_the_weights():
    path = WeightPath(every=10)
    trainer = trained(path, steps=25)

    assert path.steps == [0, 10, 20]
    start = gd.nn.MLP([2, 6, 2], rng=0).state_dict()
    for name, kept in path.points[0].items():
        np.testing.assert_array_equal(kept, start[name])
        assert kept is not trainer.model.state_dict()[name]
    assert not np.array_equal(path.points[1]["layers.0.weight"], path.points[2]["layers.0.weight"])


def test_another_training_is_begun_anew_and_a_resumed_one_goes_on(tmp_path):
    norms, whole = GradientNorms(5), GradientNorms(5)
    trained(norms)
    first = trained(norms, steps=10)
    assert norms.steps == [0, 5, 10]

    save_checkpoint(tmp_path / "half.safetensors", first.state)
    resumed = GradientNorms(5)
    trained(resumed, steps=20, resume=tmp_path / "half.safetensors")
    trained(whole, steps=20)

    assert resumed.steps == whole.steps == [0, 5, 10, 15, 20]
    assert resumed.norms == whole.norms


@pytest.mark.parametrize("bad", [0, -1, 1.5, True])
def test_periods_are_whole_numbers(bad):
    with pytest.raises(
        StateError, match=r"^GradientNorms: every is .*; it must be an integer of 1"
    ):
        GradientNorms(bad)
    with pytest.raises(StateError, match=r"^GradientNorms: samples is "):
        GradientNorms(samples=bad)
    with pytest.raises(StateError, match=r"^WeightPath: every is "):
        WeightPath(bad)
