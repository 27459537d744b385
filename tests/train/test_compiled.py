"""Compiled trainings: the same weights as step by step, whatever happens on the way."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim import cross_entropy, nn, optim
from gradatim.compiler.machine.kernel import Product
from gradatim.compiler.machine.runner import Runner
from gradatim.data import Dataset, Loader, moons
from gradatim.errors import BackendError, DataError, DivergenceError, DtypeError, RecordingError
from gradatim.native import engine
from gradatim.train import Callback, Trainer
from gradatim.train.compiled import is_wanted, operations
from gradatim.train.plan import make_plan
from gradatim.train.state import TrainingState

pytestmark = pytest.mark.skipif(not engine.is_there(), reason="llvmlite is not installed")


OPTIMIZERS = [
    *(optim.SGD, optim.Momentum, optim.Nesterov),
    *(optim.AdaGrad, optim.RMSProp, optim.Adam, optim.AdamW),
]


def weights(trainer):
    return {name: value.tobytes() for name, value in trainer.model.state_dict().items()}


def close(one, two, tolerance=1e-5):
    for name, value in one.model.state_dict().items():
        other = two.model.state_dict()[name]
        np.testing.assert_allclose(value, other, rtol=tolerance, atol=tolerance, err_msg=name)


def runners_of(work):
    """What runs many steps in one call, of all that some work makes."""
    made = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "gradatim.compiler.stretch.Runner",
            lambda *given: made.append(Runner(*given)) or made[-1],
        )
        work()
    return made


# --- the same training -------------------------------------------------------------------------
@pytest.mark.parametrize("sampling", ["epoch", "replacement"])
@pytest.mark.parametrize("batch_size", [10, 7, 60])
def test_compiled_and_step_by_step_give_the_same(make, data, batch_size, sampling):
    trainers = [make(compile=compile) for compile in (True, False)]
    settings = {"batch_size": batch_size, "sampling": sampling, "epochs": 4}
    one, two = (trainer.fit(data, moons(33), **settings) for trainer in trainers)
    np.testing.assert_allclose(one.losses, two.losses, rtol=1e-5)
    close(*trainers)
    for row, other in zip(one.rows, two.rows, strict=True):
        assert row["step"] == other["step"]
        for key in ("loss", "train_loss", "test_loss"):
            assert row[key] == pytest.approx(other[key], rel=1e-5)
        assert row["train_accuracy"] == other["train_accuracy"]
        assert row["test_accuracy"] == other["test_accuracy"]
    assert trainers[0].step is not None
    assert trainers[1].step is None


def test_a_smaller_last_batch_has_a_program_of_its_own(make, data):
    trainer = make(compile=True)
    trainer.fit(data, epochs=3, batch_size=9, evaluate_every=1000)
    sizes = {program.arguments[0].shape[0] for program in trainer.step.programs}
    assert sizes == {9, 6}


@pytest.mark.parametrize("kind", [optim.Adam, optim.AdamW, optim.RMSProp])
def test_every_optimizer_keeps_its_state(make, data, kind):
    trainers = [make(compile=compile, kind=kind, lr=0.01) for compile in (True, False)]
    for trainer in trainers:
        trainer.fit(data, epochs=5, batch_size=10)
    close(*trainers, tolerance=1e-4)
    one, two = (trainer.optimizer.state_dict() for trainer in trainers)
    assert one["step"] == two["step"] == 30
    for name, value in one.items():
        np.testing.assert_allclose(value, two[name], rtol=1e-3, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_the_same_seed_gives_the_same_bits_whatever_threads_there_are(
    make, data, kind, monkeypatch
):
    monkeypatch.setattr("gradatim.train.compiled.WORK_OF_A_THREAD", 1)
    found, teams = [], set()
    for threads in (1, 2, 1, 2):
        gd.set_num_threads(threads)
        try:
            trainer = make(compile=True, kind=kind, lr=0.01)
            trainer.fit(data, epochs=5, batch_size=10)
        finally:
            gd.set_num_threads(None)
        teams.add(trainer._loop._team.count)
        state = {n: np.asarray(x).tobytes() for n, x in trainer.optimizer.state_dict().items()}
        found.append({**weights(trainer), **state})
    assert teams == {1, 2}
    assert all(each == found[0] for each in found)


@pytest.mark.parametrize("first", [1, 7, 13])
def test_a_training_that_is_resumed_has_the_bits_of_one_that_never_stopped(make, data, first):
    whole = make(compile=True, kind=optim.Momentum)
    whole.fit(data, steps=20, batch_size=10)

    class StopAt(Callback):
        def on_step(self, state):
            if state.step == first:
                state.stop()

    parts = make(StopAt(), compile=True, kind=optim.Momentum)
    history = parts.fit(data, steps=20, batch_size=10)
    assert history.step == first
    parts.callbacks = []
    parts.fit(data, steps=20, batch_size=10, resume=history)
    assert weights(parts) == weights(whole)


def test_the_weights_do_not_depend_on_who_looks_on(make, data):
    class Look(Callback):
        every_steps = 2

        def on_step(self, state):
            seen.append((state.step, state.loss))

    seen = []
    alone, watched = make(compile=True), make(Look(), compile=True)
    losses = alone.fit(data, steps=20, batch_size=10).losses
    watched.fit(data, steps=20, batch_size=10)
    assert weights(alone) == weights(watched)
    assert seen == [(step, losses[step - 1]) for step in range(2, 21, 2)]


@pytest.mark.parametrize(("every", "has_bands"), [(1, False), (3, False), (4, True)])
def test_wide_weights_are_laid_anew_only_for_calls_of_several_steps(data, every, has_bands):
    class Look(Callback):
        every_steps = every

        def on_step(self, state):
            pass

    model = nn.MLP([2, 320, 2], rng=0)
    trainer = Trainer(
        *(model, cross_entropy, optim.SGD(model, lr=0.1)),
        callbacks=[Look()],
        progress="none",
        compile=True,
    )
    runners = runners_of(lambda: trainer.fit(data, steps=8, batch_size=10))
    assert any(runner.module.layout.bands for runner in runners) == has_bands
    text = trainer.step.explain()
    assert "many steps   in one call, machine code made in" in text
    assert ("layers_0_weight: copied, to lie in bands of" in text) == has_bands


@pytest.mark.parametrize("share", [0.2, 0.8])
def test_images_of_ink_are_learned_without_their_zeros(share):
    def learner(compile):
        model = nn.Sequential(nn.Flatten(), nn.MLP([72, 64, 3], rng=0))
        optimizer = optim.SGD(model, lr=0.1)
        return Trainer(model, cross_entropy, optimizer, progress="none", compile=compile)

    random = np.random.default_rng(0)
    inputs = random.integers(1, 256, (90, 8, 9)) * (random.random((90, 8, 9)) < share)
    data = Dataset(inputs.astype("u1"), random.integers(0, 3, 90), scale=1 / 255, classes=3)
    one, two = (learner(compile) for compile in (True, False))
    settings = {"steps": 20, "batch_size": 10, "evaluate_every": 10}
    found = []
    runners = runners_of(lambda: found.append(one.fit(data, data, **settings)))
    expected = two.fit(data, data, **settings)
    key = "test_accuracy"
    assert found[0].rows[-1][key] == expected.rows[-1][key]
    close(one, two)
    products = [
        [k.is_sparse for k in runner.module.schedule.kernels if isinstance(k, Product)]
        for runner in runners
    ]
    assert [any(some) for some in products] == [share == 0.2] * len(products)
    assert len(products) > 1, "steps and evaluations"
    told = "x: its zeros are left out of 2 products; it stays bytes"
    assert (told in one.step.explain()) == (share == 0.2)


# --- what changes on the way -------------------------------------------------------------------
@pytest.mark.parametrize(
    "schedule",
    [
        lambda o: optim.StepLR(o, 3, gamma=0.5),
        lambda o: optim.CosineAnnealingLR(o, 20),
        lambda o: optim.WarmUp(optim.StepLR(o, 7), 5),
    ],
)
def test_a_schedule_is_followed_in_every_step(data, schedule):
    trainers = []
    for compile in (True, False):
        model = nn.MLP([2, 8, 2], rng=0)
        optimizer = optim.Adam(model, lr=0.1)
        trainers.append(
            Trainer(
                model,
                cross_entropy,
                optimizer,
                callbacks=[schedule(optimizer)],
                progress="none",
                compile=compile,
            )
        )
        trainers[-1].fit(data, steps=20, batch_size=10)
    close(*trainers, tolerance=1e-4)
    assert trainers[0].optimizer.lr == trainers[1].optimizer.lr
    assert trainers[0].callbacks[0].schedule.count == 20
    assert len(trainers[0].step.programs) == 1


def test_what_a_callback_changes_takes_effect(make, data):
    class Change(Callback):
        every_steps = 3

        def on_step(self, state):
            if state.step == 3:
                state.optimizer.lr = 0.01
            if state.step == 9:
                state.model.layers[0].freeze()
            if state.step == 15:
                zeros = {n: 0 * x for n, x in state.model.state_dict().items()}
                state.model.load_state_dict(zeros)

    trainers = [make(Change(), compile=compile) for compile in (True, False)]
    for trainer in trainers:
        trainer.fit(data, steps=20, batch_size=10, evaluate_every=1000)
    close(*trainers)
    assert len(trainers[0].step.programs) == 2  # frozen or not


def test_a_loss_that_is_not_finite_ends_the_training_as_it_does_step_by_step(make, data):
    found = []
    for compile in (True, False):
        trainer = make(compile=compile, lr=1e30)
        with pytest.raises(DivergenceError) as caught:
            trainer.fit(data, steps=40, batch_size=10, evaluate_every=1000)
        history = trainer.state.history
        found.append((history.step, str(caught.value).partition(" (")[0], history.stopped))
        assert trainer.optimizer.step_count == history.step
        assert all(np.isfinite(history.losses))
    assert found[0] == found[1]


def test_a_schedule_stands_where_the_training_failed(data):
    model = nn.MLP([2, 8, 2], rng=0)
    optimizer = optim.SGD(model, lr=1.0)
    schedule = optim.ExponentialLR(optimizer, 1e6)
    trainer = Trainer(
        model, cross_entropy, optimizer, callbacks=[schedule], progress="none", compile=True
    )
    with pytest.raises(DivergenceError):
        trainer.fit(data, steps=40, batch_size=10, evaluate_every=1000)
    assert schedule.count == trainer.state.history.step < 39
    assert optimizer.lr == pytest.approx(1e6**schedule.count)


def test_a_schedule_stands_where_a_label_was_refused():
    x, t = moons(60).arrays()
    t = np.array(t)

    class Spoil(Callback):
        every_steps = 8

        def on_step(self, state):
            t[:] = 7

    model = nn.MLP([2, 8, 2], rng=0)
    optimizer = optim.SGD(model, lr=1.0)
    schedule = optim.ExponentialLR(optimizer, 0.5)
    callbacks = [schedule, Spoil()]
    trainer = Trainer(
        model, cross_entropy, optimizer, callbacks=callbacks, progress="none", compile=True
    )
    with pytest.raises(DataError, match="is 7; it must lie in"):
        trainer.fit((x, t), steps=40, batch_size=10, evaluate_every=1000)
    assert schedule.count == trainer.state.step == 8
    assert optimizer.lr == 0.5**8


class Another(Callback):
    """Puts another layer of the same form in the place of one, again and again."""

    def __init__(self, every):
        self.every_steps, self.count = every, 0

    def on_step(self, state):
        self.count += 1
        state.model.layers[1] = nn.ReLU()


@pytest.mark.parametrize(("compile", "every"), [(True, 5), ("auto", 12)])
def test_a_layer_may_be_replaced_as_often_as_one_likes(make, data, monkeypatch, compile, every):
    monkeypatch.setattr("gradatim.train.compiled.WORTH_SECONDS", 0.0)
    monkeypatch.setattr("gradatim.train.compiled.FEWEST_STEPS", 10)
    settings = {"steps": 12 * every, "batch_size": 10, "evaluate_every": 10_000}
    trainers = [make(Another(every), compile=how) for how in (compile, False)]
    for trainer in trainers:
        trainer.fit(data, **settings)
    close(*trainers, tolerance=1e-4)
    assert trainers[0].callbacks[0].count == 12
    assert trainers[0].step is not None
    assert len(trainers[0].step.programs) == 12


def test_weights_that_come_to_share_memory_are_trained_on_step_by_step(data):
    class Tie(Callback):
        def on_step(self, state):
            if state.step == 5:
                state.model[4].weight.raw = state.model[2].weight.raw

    def trained(compile):
        model = nn.MLP([2, 8, 8, 8, 2], rng=0)
        trainer = Trainer(
            model, cross_entropy, optim.SGD(model, lr=0.2), callbacks=[Tie()], compile=compile,
            progress="none",
        )  # fmt: skip
        trainer.fit(data, steps=15, batch_size=10)
        return trainer

    with pytest.raises(RecordingError, match=r"shares memory with .* now") as told:
        trained(True)
    assert "t.raw.copy()" in str(told.value)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gradatim.train.compiled.WORTH_SECONDS", 0.0)
        close(trained("auto"), trained(False))


def test_a_loss_that_machine_code_cannot_look_at_is_trained_on_step_by_step(data, monkeypatch):
    def trained(compile):
        model = nn.MLP([2, 8, 2], rng=0, dtype=np.float16)
        trainer = Trainer(
            model, cross_entropy, optim.SGD(model, lr=0.2), compile=compile, progress="none"
        )
        trainer.fit(data, steps=15, batch_size=10)
        return trainer

    with pytest.raises(RecordingError, match="the loss is float16"):
        trained(True)
    monkeypatch.setattr("gradatim.train.compiled.WORTH_SECONDS", 0.0)
    assert weights(trained("auto")) == weights(trained(False))


def test_a_step_that_changes_all_the_time_is_not_worth_it(make, data, monkeypatch):
    monkeypatch.setattr("gradatim.train.compiled.WORTH_SECONDS", 0.0)
    told = []

    class Listen(Callback):
        def on_start(self, state):
            state.tell = told.append

    trainers = [make(Another(5), Listen(), compile=how) for how in ("auto", False)]
    for trainer in trainers:
        trainer.fit(data, steps=60, batch_size=10, evaluate_every=10_000)
    close(*trainers, tolerance=1e-4)
    assert len(told) == 1
    assert "has changed 8 times in 39 steps; it is not worth compiling" in told[0]


def test_few_programs_are_kept(make, data, monkeypatch):
    monkeypatch.setattr("gradatim.train.compiled.MOST_PROGRAMS", 3)
    trainer = make(Another(5), compile=True)
    trainer.fit(data, steps=40, batch_size=10, evaluate_every=10_000)
    assert len(trainer._loop.compiled._stretches) == 3


class Spoil(Callback):
    """Writes into the arrays of the data, or puts others into the dataset."""

    every_steps = 9

    def __init__(self, x, t, how):
        self.x, self.t, self.how = x, t, how

    def on_step(self, state):
        if state.step == 9 and self.how == "written":
            self.x *= 3
            self.t[:] = 1 - self.t
        elif state.step == 9:
            other = Dataset(3 * self.x, 1 - self.t)
            state.loader.dataset.inputs, state.loader.dataset.targets = other.inputs, other.targets


@pytest.mark.parametrize("how", ["written", "replaced"])
@pytest.mark.parametrize("order", ["as machine code reads it", "as NumPy gathers it"])
def test_data_that_a_callback_changes_is_that_of_the_next_step(make, how, order):
    found = []
    for compile in (True, False):
        x, t = (np.array(part) for part in moons(60).arrays())
        if order == "as NumPy gathers it":
            x = np.asfortranarray(x)
        trainer = make(Spoil(x, t, how), compile=compile)
        history = trainer.fit((x, t), steps=20, batch_size=10, evaluate_every=10_000)
        found.append([*history.losses, *(row["train_loss"] for row in history.rows)])
    np.testing.assert_allclose(found[0], found[1], rtol=1e-4)
    assert found[0][9] > 2 * found[0][8]  # the labels are wrong all at once


# --- what cannot be compiled -------------------------------------------------------------------
class Branching(nn.Module):
    """Looks at its numbers: no program can."""

    def __init__(self):
        self.linear = nn.Linear(2, 2, rng=0)

    def forward(self, x):
        y = self.linear(x)
        return y * 2 if float(y.sum()) > 0 else y


class Plain(nn.Module):
    def __init__(self):
        self.linear = nn.Linear(2, 2, rng=0)

    def forward(self, x):
        return self.linear(x)


def test_a_step_that_cannot_be_compiled_goes_on_step_by_step_and_says_so(data, monkeypatch):
    monkeypatch.setattr("gradatim.train.compiled.WORTH_SECONDS", 0.0)
    told = []

    class Listen(Callback):
        def on_start(self, state):
            state.tell = told.append

    found = []
    for compile in ("auto", False):
        model = Branching()
        optimizer = optim.SGD(model, lr=0.1)
        trainer = Trainer(
            model, cross_entropy, optimizer, callbacks=[Listen()], progress="none", compile=compile
        )
        trainer.fit(data, steps=20, batch_size=10)
        found.append(weights(trainer))
    assert found[0] == found[1]
    assert len(told) == 1
    assert told[0].startswith("Not compiled, so step by step from here on: ")
    assert "test_compiled.py" in told[0]


@pytest.mark.parametrize(("kind", "expected"), [(Branching, {3}), (Plain, {1})])
def test_numpy_keeps_to_one_thread_beside_compiled_steps(data, monkeypatch, kind, expected):
    control = pytest.importorskip("threadpoolctl")
    monkeypatch.setattr("gradatim.train.compiled.WORTH_SECONDS", 0.0)
    found = []

    def look(state):
        pools = control.threadpool_info()
        found.append({x["num_threads"] for x in pools if x["user_api"] == "blas"})

    model = kind()
    with control.threadpool_limits(3, "blas"):
        trainer = Trainer(model, cross_entropy, optim.SGD(model), callbacks=[look], progress="none")
        trainer.fit(data, steps=20, batch_size=10)
        look(None)
    assert found[-2:] == [expected, {3}]


def test_who_asks_for_it_gets_the_error(data):
    model = Branching()
    trainer = Trainer(model, cross_entropy, optim.SGD(model), progress="none", compile=True)
    with pytest.raises(RecordingError, match=r"test_compiled\.py"):
        trainer.fit(data, steps=20, batch_size=10)


def test_random_numbers_are_drawn_as_step_by_step(data):
    found = []
    for compile in (True, False):
        model = nn.Sequential(
            nn.Linear(2, 16, rng=0), nn.ReLU(), nn.Dropout(0.5, rng=3), nn.Linear(16, 2, rng=1)
        )
        optimizer = optim.SGD(model, lr=0.1)
        trainer = Trainer(model, cross_entropy, optimizer, progress="none", compile=compile)
        found.append(trainer.fit(data, steps=20, batch_size=10).losses)
    np.testing.assert_allclose(found[0], found[1], rtol=1e-5)


def test_what_is_no_choice_is_refused(make):
    with pytest.raises(DtypeError, match=r'compile is \'llvm\'; it must be True, False or "auto"'):
        make(compile="llvm")


# --- when it is worth it -----------------------------------------------------------------------
def state_of(sizes, batch_size, steps):
    model = nn.MLP(sizes, rng=0)
    loader = Loader(Dataset(np.zeros((1000, sizes[0])), np.zeros(1000, int)), batch_size)
    plan = make_plan(steps=steps, epochs=None, evaluate_every=None, epoch_steps=len(loader))
    return TrainingState(model, optim.SGD(model), loader, plan, gd.train.History())


def test_long_trainings_are_worth_it():
    assert is_wanted("auto", state_of([784, 50, 10], 100, 10_000))
    assert is_wanted("auto", state_of([2, 16, 2], 20, 10_000))
    assert not is_wanted("auto", state_of([2, 16, 2], 20, 1000))
    assert not is_wanted("auto", state_of([784, 50, 10], 100, 100))


def test_the_choice_does_not_depend_on_where_a_training_is_resumed():
    state = state_of([784, 50, 10], 100, 10_000)
    state.count(9_999)
    assert is_wanted("auto", state)


def test_nothing_is_compiled_while_somebody_listens():
    with gd.listen(lambda *_: None):
        assert not is_wanted("auto", state_of([784, 50, 10], 100, 10_000))


def test_without_machine_code_auto_goes_step_by_step_and_true_is_an_error(monkeypatch):
    monkeypatch.setenv("GRADATIM_BACKEND", "numpy")
    state = state_of([784, 50, 10], 100, 10_000)
    assert not is_wanted("auto", state)
    assert is_wanted(True, state)
    monkeypatch.setattr(engine, "llvm", _missing)
    with pytest.raises(BackendError):
        is_wanted(True, state)


def _missing():
    raise BackendError("compile: backend 'llvm' needs llvmlite, which is not installed.")


def test_operations_are_six_for_a_weight_and_a_sample():
    assert operations(state_of([3, 2], 10, 5)) == 6 * (3 * 2 + 2) * 10


def test_a_dataset_that_makes_its_batches_itself_is_trained_on_step_by_step(monkeypatch):
    class Mirrored(Dataset):
        def batch(self, indices, dtype=np.float32):
            x, t = super().batch(indices, dtype)
            return -x, t

    monkeypatch.setattr("gradatim.train.compiled.WORTH_SECONDS", 0.0)
    points = moons(60)
    found = []
    for compile in ("auto", False):
        model = nn.MLP([2, 8, 2], rng=0)
        optimizer = optim.SGD(model, lr=0.1)
        trainer = Trainer(model, cross_entropy, optimizer, progress="none", compile=compile)
        trainer.fit(Mirrored(points.inputs, points.targets), steps=20, batch_size=10)
        found.append(weights(trainer))
    assert found[0] == found[1]
