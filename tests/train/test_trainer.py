"""A training: which steps are made, what is measured, and that it is the same every time."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from gradatim import cross_entropy, mse, nn, optim
from gradatim.data import Loader, moons, sine
from gradatim.errors import DataError, DivergenceError, DtypeError, ShapeError
from gradatim.native import engine
from gradatim.store import RunFolder
from gradatim.train import Callback, Checkpoint, Trainer, evaluate

KEYS = (
    "step epoch loss train_loss train_accuracy test_loss test_accuracy seconds examples_per_second"
)


def weights(trainer):
    return {name: value.tobytes() for name, value in trainer.model.state_dict().items()}


def without_time(rows):
    timed = {"seconds", "examples_per_second"}
    return [{key: value for key, value in row.items() if key not in timed} for row in rows]


# --- steps and evaluations --------------------------------------------------------------------
@pytest.mark.parametrize("steps", [0, 1, 6, 7, 20])
def test_exactly_as_many_updates_as_were_asked_for(make, data, steps):
    trainer = make()
    history = trainer.fit(data, steps=steps, batch_size=10)

    assert history.step == len(history.losses) == steps
    assert trainer.optimizer.step_count == steps
    assert history.last["step"] == steps
    assert history.stopped == "finished"


def test_an_epoch_is_every_sample_once(make, data):
    history = make().fit(data, epochs=2, batch_size=25)

    assert history.step == 6  # batches of 25, 25 and 10
    assert make().fit(data, epochs=2, batch_size=25, drop_last=True).step == 4


def test_first_and_last_state_are_always_evaluated(make, data):
    history = make().fit(data, steps=8, batch_size=10, evaluate_every=3)

    assert [row["step"] for row in history.rows] == [0, 3, 6, 8]
    assert [row["epoch"] for row in history.rows] == [0, 0, 1, 1]


def test_by_default_an_evaluation_an_epoch(make, data):
    assert [row["step"] for row in make().fit(data, steps=14, batch_size=10).rows] == [0, 6, 12, 14]


def test_a_row_tells_of_the_state_at_its_step(make, data):
    test = moons(40, seed=1)
    trainer = make()
    before = evaluate(trainer.model, data, cross_entropy)
    history = trainer.fit(data, test, steps=3, batch_size=10)
    after = evaluate(trainer.model, data, cross_entropy)
    tested = evaluate(trainer.model, test, cross_entropy)
    first, last = history.rows

    assert list(first) == KEYS.split()
    assert (first["train_loss"], first["train_accuracy"]) == tuple(before.values())
    assert (last["train_loss"], last["train_accuracy"]) == tuple(after.values())
    assert (last["test_loss"], last["test_accuracy"]) == tuple(tested.values())
    assert 0 <= first["seconds"] < last["seconds"]
    assert first["examples_per_second"] is None
    assert last["examples_per_second"] > 0


def test_a_loss_is_that_before_the_update(make, data):
    trainer = make()
    x, t = data.batch(Loader(data, 10).indices(0))
    expected = cross_entropy(trainer.model(x), t).item()
    history = trainer.fit(data, steps=1, batch_size=10)

    assert history.losses[0] == expected
    assert history.rows[0]["loss"] == expected  # the batch that the first update will be made of
    assert history.rows[-1]["loss"] == expected  # the latest batch


def test_the_loss_of_a_row_is_that_of_the_batch_at_its_step(make, data):
    history = make().fit(data, steps=8, batch_size=10, evaluate_every=3)

    assert [row["loss"] for row in history.rows] == history.losses[[0, 3, 6, 7]].tolist()


def test_regression_has_losses_and_no_accuracies():
    model = nn.MLP([1, 8, 1], "tanh", rng=0)
    trainer = Trainer(model, mse, optim.Adam(model, lr=0.02), progress="none")
    history = trainer.fit(sine(50), sine(20), epochs=30, batch_size=10)

    assert history.last["train_accuracy"] is None
    assert history.last["test_accuracy"] is None
    assert history.last["test_loss"] < 0.5 * history.rows[0]["test_loss"]


def test_without_validation_there_are_no_test_figures(make, data):
    row = make().fit(data, steps=1, batch_size=10).last

    assert row["test_loss"] is None
    assert row["test_accuracy"] is None


@pytest.mark.parametrize("sampling", ["epoch", "replacement"])
def test_it_learns(make, data, sampling):
    trainer = make(kind=optim.Adam, lr=0.05)
    history = trainer.fit(data, epochs=40, batch_size=10, sampling=sampling)

    assert history.last["train_accuracy"] > 0.95


# --- the same, bit for bit ------------------------------------------------------------------
@pytest.mark.parametrize("sampling", ["epoch", "replacement"])
@pytest.mark.parametrize("kind", [optim.SGD, optim.Adam])
def test_the_same_seed_gives_the_same_run_bit_for_bit(make, data, sampling, kind):
    first, second = make(kind=kind, lr=0.02), make(kind=kind, lr=0.02)
    settings = {"steps": 20, "batch_size": 25, "sampling": sampling, "seed": 3}
    one = first.fit(data, moons(30, seed=1), **settings)
    two = second.fit(data, moons(30, seed=1), **settings)

    assert one.losses.tobytes() == two.losses.tobytes()
    assert without_time(one.rows) == without_time(two.rows)
    assert weights(first) == weights(second)


def test_another_seed_gives_another_run(make, data):
    one = make().fit(data, steps=5, batch_size=10, seed=0).losses
    two = make().fit(data, steps=5, batch_size=10, seed=1).losses

    assert one.tolist() != two.tolist()


def test_evaluations_leave_no_trace_in_the_weights(make, data):
    often, seldom = make(), make()
    often.fit(data, data, steps=12, batch_size=10, evaluate_every=1)
    seldom.fit(data, steps=12, batch_size=10, evaluate_every=12)

    assert weights(often) == weights(seldom)


def test_evaluations_leave_no_trace_in_what_is_dropped_out(data):
    def losses(every):
        model = nn.Sequential(
            nn.Linear(2, 8, rng=0), nn.Dropout(0.5, rng=1), nn.Linear(8, 2, rng=2)
        )
        trainer = Trainer(model, cross_entropy, optim.SGD(model), progress="none")
        return trainer.fit(data, steps=12, batch_size=10, evaluate_every=every).losses.tolist()

    assert losses(1) == losses(12)


def test_a_loop_by_hand_makes_the_same_steps(make, data):
    trainer, other = make(), make()
    trainer.fit(data, steps=15, batch_size=25, seed=7)
    for _, x, t in Loader(data, 25, seed=7).batches(0, 15):
        loss = cross_entropy(other.model(x), t)
        loss.backward()
        other.optimizer.step()

    assert weights(trainer) == weights(other)


def test_gradients_left_over_from_elsewhere_do_not_count(make, data):
    clean, littered = make(), make()
    clean.fit(data, steps=2, batch_size=10)
    x, t = data.batch([0, 1, 2])
    cross_entropy(littered.model(x), t).backward()
    littered.fit(data, steps=2, batch_size=10)

    assert weights(clean) == weights(littered)
    assert all(p.grad is None for p in littered.model.parameters())


def test_the_dtype_of_the_batches_is_the_models(data):
    model = nn.MLP([2, 4, 2], rng=0, dtype=np.float64)
    seen = set()

    def watching(outputs, targets):
        seen.add(outputs.dtype.name)
        return cross_entropy(outputs, targets)

    Trainer(model, watching, optim.SGD(model), progress="none").fit(data, steps=2, batch_size=10)

    assert seen == {"float64"}


# --- what is left behind ----------------------------------------------------------------------
@pytest.mark.parametrize("training", [True, False])
def test_the_model_is_left_in_the_mode_it_was_in(make, data, training):
    trainer = make()
    trainer.model.train(training)
    seen = []
    trainer.callbacks = [Watch(lambda state: seen.append(state.model.training))]
    trainer.fit(data, steps=2, batch_size=10)

    assert seen == [True, True]
    assert trainer.model.training is training
    assert all(module.training is training for module in trainer.model.modules())


class Watch(Callback):
    def __init__(self, function):
        self.function = function

    def on_step(self, state):
        self.function(state)


def test_the_callers_arrays_are_not_touched(make):
    x, t = moons(20).arrays()
    before = x.copy(), t.copy()
    make().fit((x, t), steps=5, batch_size=5)

    assert np.array_equal(x, before[0])
    assert np.array_equal(t, before[1])
    assert x.flags.writeable


def test_a_run_keeps_model_and_history(make, data, folder):
    run = RunFolder.create(folder)
    trainer = make()
    history = trainer.fit(data, steps=8, batch_size=10, run=run)
    arrays, architecture = run.load_model()
    again = nn.from_architecture(architecture)
    again.load_state_dict(arrays)

    assert run.load_history() == history.rows
    assert {k: v.tobytes() for k, v in again.state_dict().items()} == weights(trainer)
    assert not (folder / "checkpoint.safetensors").exists()


def test_the_path_of_a_run_is_enough(make, data, tmp_path):
    path = tmp_path / "runs" / "first"
    make().fit(data, steps=2, batch_size=10, run=path)
    assert (path / "model.safetensors").exists()


def test_a_run_goes_on_in_its_folder_once_it_was_opened(make, data, tmp_path):
    path = tmp_path / "first"
    make(Checkpoint(2)).fit(data, steps=2, batch_size=10, run=path)
    with pytest.raises(DataError, match=r"first'.* earlier run .*\n.* run=gd.store.RunFolder.open"):
        make(Checkpoint(2)).fit(data, steps=4, batch_size=10, run=str(path), resume=path)

    run = RunFolder.open(path)
    history = make(Checkpoint(2)).fit(data, steps=4, batch_size=10, run=run, resume=run)

    assert history.step == 4
    assert run.load_history() == history.rows


def test_what_is_no_run_is_refused_in_words(make, data):
    with pytest.raises(DtypeError, match=r"run is a int; .* path of a new folder"):
        make().fit(data, steps=2, batch_size=10, run=3)


def test_a_run_is_saved_at_each_evaluation_that_is_not_soon_after_another(
    make, data, folder, monkeypatch
):
    monkeypatch.setattr("gradatim.train.saver.SECONDS", 0.0)
    run = RunFolder.create(folder)
    seen = []
    look = Watch(lambda state: seen.append(len(run.load_history())))
    make(look).fit(data, steps=4, batch_size=10, evaluate_every=2, run=run)

    assert seen == [1, 1, 2, 2]


def test_weights_of_a_class_of_ones_own_are_saved_too(data, folder):
    class Own(nn.Module):
        def __init__(self):
            self.inner = nn.Linear(2, 2, rng=0)

        def forward(self, x):
            return self.inner(x)

    model, run = Own(), RunFolder.create(folder)
    trainer = Trainer(model, cross_entropy, optim.SGD(model), progress="none")
    trainer.fit(data, steps=1, batch_size=10, run=run)
    arrays, architecture = run.load_model()

    assert architecture == {"class": "Own"}
    assert list(arrays) == ["inner.weight", "inner.bias"]


# --- when it goes wrong -----------------------------------------------------------------------
def test_a_loss_that_is_not_finite_stops_before_the_update(make, data, folder):
    calls = []

    def breaking(outputs, targets):
        calls.append(None)
        loss = cross_entropy(outputs, targets)
        return loss * float("nan") if outputs.requires_grad and len(calls) > 12 else loss

    trainer = make(loss=breaking, lr=0.25)
    with pytest.raises(DivergenceError) as caught:
        trainer.fit(data, steps=50, batch_size=10, evaluate_every=50, run=RunFolder.create(folder))
    state = trainer.state
    text = str(caught.value)

    assert f"the loss is nan at step {state.step} (epoch {state.epoch})" in text
    assert f"it was {state.history.losses[0]:.4g} at first" in text
    assert "Try a smaller learning rate than 0.25: lr=0.025" in text
    assert state.step == state.optimizer.step_count == len(state.history.losses) > 0
    assert state.history.stopped == "failed"
    assert all(np.isfinite(p.data).all() for p in trainer.model.parameters())
    assert all(p.grad is None for p in trainer.model.parameters())
    assert trainer.model.training


def test_a_learning_rate_that_is_too_large_ends_in_that_error_and_no_warning():
    model = nn.MLP([1, 16, 16, 1], rng=0)
    trainer = Trainer(model, mse, optim.SGD(model, lr=1e3), progress="none")

    with pytest.raises(DivergenceError, match=r"fit: the (train_)?loss is (nan|inf)"):
        trainer.fit(sine(50), steps=200, batch_size=10)


def test_the_last_update_cannot_spoil_the_model_in_silence(make, data):
    def on_step(state):
        state.model.layers[0].weight.assign(np.full((2, 8), np.nan))

    with pytest.raises(DivergenceError, match="the train_loss is nan at step 1"):
        make(Watch(on_step)).fit(data, steps=1, batch_size=10)


def test_a_sample_that_is_not_finite_is_named(make):
    x, t = moons(20).arrays()
    x[13, 1] = np.inf
    with pytest.raises(DivergenceError, match=r"Sample 13 of the data is not finite"):
        make().fit((x, t), steps=20, batch_size=5, evaluate_every=20)


def test_an_error_in_the_middle_leaves_the_history_and_the_mode(make, data):
    def on_step(state):
        if state.step == 3:
            raise ZeroDivisionError

    trainer = make(Watch(on_step))
    trainer.model.eval()
    with pytest.raises(ZeroDivisionError):
        trainer.fit(data, steps=10, batch_size=10)

    assert trainer.state.history.step == 3
    assert trainer.state.history.stopped == "failed"
    assert not trainer.model.training


@pytest.mark.skipif(not engine.is_there(), reason="llvmlite is not installed")
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copy_of_a_compiled_training_goes_on_by_itself(make, data, copied):
    trainer = make(compile=True)
    history = trainer.fit(data, steps=10, batch_size=10)
    other = copied(trainer)
    assert other.step is None
    assert trainer.step is not None
    for each in (trainer, other):
        each.fit(data, steps=20, batch_size=10, resume=history)
    for name, value in trainer.model.state_dict().items():
        assert value.tobytes() == other.model.state_dict()[name].tobytes()


def test_an_error_in_an_update_leaves_no_gradients(data):
    class Broken(optim.SGD):
        def step(self, grads=None):
            raise ZeroDivisionError

    model = nn.MLP([2, 2], rng=0)
    with pytest.raises(ZeroDivisionError):
        Trainer(model, cross_entropy, Broken(model), progress="none").fit(
            data, steps=1, batch_size=10
        )

    assert all(p.grad is None for p in model.parameters())


def test_what_is_wrong_is_found_before_anything_is_written(make, data, folder):
    run = RunFolder.create(folder)
    with pytest.raises(ShapeError):
        make().fit((np.zeros((4, 3)), [0, 1, 0, 1]), steps=1, batch_size=2, run=run)
    with pytest.raises(DataError):
        make().fit(data, steps=1, epochs=1, run=run)

    assert sorted(path.name for path in folder.iterdir()) == ["run.json"]
