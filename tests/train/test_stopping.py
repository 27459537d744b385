"""Ctrl-C at any moment: the model, its optimizer and its history stand between two steps."""

from __future__ import annotations

import signal

import numpy as np
import pytest

from gradatim import cross_entropy, nn, optim
from gradatim.compiler.machine.runner import Runner
from gradatim.data import Loader, moons
from gradatim.native import engine
from gradatim.store import RunFolder
from gradatim.train import Callback, EarlyStopping, FollowSchedule, Trainer, load_checkpoint
from gradatim.train.progress import Progress

SETTINGS = {"steps": 14, "batch_size": 10, "seed": 5, "evaluate_every": 4}


def press(times=1):
    for _ in range(times):
        signal.raise_signal(signal.SIGINT)


class Press(Callback):
    """Ctrl-C in a callback."""

    def __init__(self, moment, step, times=1):
        self.moment, self.step, self.times = moment, step, times

    @property
    def name(self):
        return "Press"

    def _act(self, moment, state):
        if moment == self.moment and state.step == self.step:
            self.step = -1
            press(self.times)

    def on_start(self, state):
        self._act("start", state)

    def on_step(self, state):
        self._act("step", state)

    def on_evaluation(self, state):
        self._act("evaluation", state)


class PressingSGD(optim.SGD):
    """Ctrl-C between the update of one parameter and that of the next."""

    at = None

    def rule(self, p, g, pace, *slots):
        if self.at is not None and self.step_count == self.at[0] and p.name == "layers.2.weight":
            times, self.at = self.at[1], None
            press(times)
        return super().rule(p, g, pace, *slots)


def pressing_loss(step, times, phase):
    """A loss in which Ctrl-C is pressed: while training, or while evaluating."""
    calls = {"training": 0, "evaluating": 0}

    def loss(outputs, targets):
        now = "training" if outputs.requires_grad else "evaluating"
        calls[now] += 1
        if now == phase and calls[now] == step:
            press(times)
        return cross_entropy(outputs, targets)

    return loss


def after(steps, data):
    """Weights after so many steps of a loop that nobody disturbs."""
    model = nn.MLP([2, 8, 2], rng=0)
    optimizer = optim.SGD(model, lr=0.2)
    for _, x, t in Loader(data, 10, seed=5).batches(0, steps):
        cross_entropy(model(x), t).backward()
        optimizer.step()
    return {name: value.tobytes() for name, value in model.state_dict().items()}


def check_boundary(trainer, history, data, step):
    """The training stands between two steps, whatever was going on when it was stopped."""
    assert history.stopped == "interrupted"
    assert history.step == trainer.optimizer.step_count == trainer.state.step == step
    found = {name: value.tobytes() for name, value in trainer.model.state_dict().items()}
    assert found == after(step, data)
    assert trainer.model.training
    assert all(p.grad is None for p in trainer.model.parameters())
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("moment", ["start", "step", "evaluation"])
def test_in_a_callback(make, data, moment):
    step = 0 if moment == "start" else 4
    trainer = make(Press(moment, step))
    history = trainer.fit(data, **SETTINGS)

    check_boundary(trainer, history, data, step)
    assert history.last["step"] == step


@pytest.mark.parametrize("times", [1, 2, 5])
def test_in_the_middle_of_an_update(data, times):
    model = nn.MLP([2, 8, 2], rng=0)
    optimizer = PressingSGD(model, lr=0.2)
    optimizer.at = (6, times)
    trainer = Trainer(model, cross_entropy, optimizer, progress="none")
    history = trainer.fit(data, **SETTINGS)

    check_boundary(trainer, history, data, 6)
    assert history.last["step"] == 6


def test_between_forward_and_update(make, data):
    trainer = make(loss=pressing_loss(7, 1, "training"))
    history = trainer.fit(data, **SETTINGS)

    check_boundary(trainer, history, data, 7)  # the seventh update was made before it stopped
    assert history.last["step"] == 7


def test_twice_between_forward_and_update(make, data):
    trainer = make(loss=pressing_loss(7, 2, "training"))
    history = trainer.fit(data, **SETTINGS)

    check_boundary(trainer, history, data, 6)  # the seventh update was not made


def test_during_an_evaluation_it_is_brought_to_its_end(make, data):
    trainer = make(loss=pressing_loss(3, 1, "evaluating"))  # one is the trial before the start
    history = trainer.fit(data, **SETTINGS)

    check_boundary(trainer, history, data, 4)
    assert [row["step"] for row in history.rows] == [0, 4]


def test_twice_during_an_evaluation_leaves_it_out(make, data):
    trainer = make(loss=pressing_loss(3, 2, "evaluating"))
    history = trainer.fit(data, **SETTINGS)

    check_boundary(trainer, history, data, 4)
    # The evaluation at 4 is made anew as the last one, since nobody presses any more.
    assert [row["step"] for row in history.rows] == [0, 4]


def test_once_more_during_the_last_evaluation_leaves_it_out(make, data):
    calls = []

    def loss(outputs, targets):
        if not outputs.requires_grad:
            calls.append(None)
            if len(calls) == 3:
                press()
        return cross_entropy(outputs, targets)

    trainer = make(Press("step", 3), loss=loss)
    history = trainer.fit(data, **SETTINGS)

    check_boundary(trainer, history, data, 3)
    assert [row["step"] for row in history.rows] == [0]


def test_a_keyboard_interrupt_that_is_raised_by_somebody_else(make, data):
    def loss(outputs, targets):
        if outputs.requires_grad and len(trainer.state.history.losses) == 5:
            raise KeyboardInterrupt
        return cross_entropy(outputs, targets)

    trainer = make(loss=loss)
    history = trainer.fit(data, **SETTINGS)

    check_boundary(trainer, history, data, 5)
    assert history.last["step"] == 5


def test_one_that_could_have_torn_an_update_passes_on(data):
    class Torn(optim.SGD):
        def rule(self, p, g, pace, *slots):
            raise KeyboardInterrupt

    model = nn.MLP([2, 8, 2], rng=0)
    with pytest.raises(KeyboardInterrupt):
        Trainer(model, cross_entropy, Torn(model), progress="none").fit(data, **SETTINGS)


@pytest.mark.parametrize(("moment", "step"), [("step", 3), ("step", 8), ("evaluation", 8)])
def test_everything_is_saved_and_goes_on_bit_for_bit(make, data, folder, moment, step):
    validation = moons(40, seed=9)
    whole = make(Press("never", 0), EarlyStopping(patience=99, restore_best=False))
    expected = whole.fit(data, validation, **SETTINGS)

    run = RunFolder.create(folder)
    first = make(Press(moment, step), EarlyStopping(patience=99, restore_best=False))
    half = first.fit(data, validation, run=run, **SETTINGS)
    arrays, _ = run.load_model()
    assert half.stopped == "interrupted"
    assert half.last["step"] == step
    assert run.load_history() == half.rows
    assert {k: v.tobytes() for k, v in arrays.items()} == after(step, data)
    assert load_checkpoint(run).step == step

    second = make(Press("never", 0), EarlyStopping(patience=99, restore_best=False))
    resumed = second.fit(data, validation, resume=run, **SETTINGS)
    assert resumed.losses.tobytes() == expected.losses.tobytes()
    timed = {"seconds": None, "examples_per_second": None}
    assert [row | timed for row in resumed.rows] == [row | timed for row in expected.rows]
    assert second.callbacks[1].state_dict() == whole.callbacks[1].state_dict()
    assert resumed.stopped == "finished"


def test_the_same_trainer_goes_on_from_its_history(make, data):
    trainer = make(Press("step", 3))
    half = trainer.fit(data, **SETTINGS)
    resumed = trainer.fit(data, resume=half, **SETTINGS)

    assert [row["step"] for row in half.rows] == [0, 3]
    assert [row["step"] for row in resumed.rows] == [0, 4, 8, 12, 14]
    assert {k: v.tobytes() for k, v in trainer.model.state_dict().items()} == after(14, data)


def test_the_best_weights_are_not_given_back_so_that_it_can_go_on(make, data):
    trainer = make(EarlyStopping("train_loss"), Press("step", 6), lr=0.2)
    trainer.fit(data, **SETTINGS)

    assert {k: v.tobytes() for k, v in trainer.model.state_dict().items()} == after(6, data)


def test_callbacks_are_not_told_of_an_evaluation_that_a_longer_run_would_not_make(make, data):
    told = []
    trainer = make(lambda state: told.append(state.step), Press("step", 3))
    half = trainer.fit(data, **SETTINGS)
    trainer.fit(data, resume=half, **SETTINGS)

    assert told == [0, 4, 8, 12, 14]


def test_while_a_run_is_saved_nothing_is_torn(make, data, folder, monkeypatch):
    saved = []
    original = RunFolder.save_history

    def pressing(self, rows):
        press(3)
        saved.append(len(rows))
        original(self, rows)

    monkeypatch.setattr(RunFolder, "save_history", pressing)
    history = make().fit(data, run=RunFolder.create(folder), **SETTINGS)

    assert history.stopped == "interrupted"
    assert saved == [1, 1]
    assert np.isfinite(history.last["train_loss"])


def test_who_watches_is_told(make, data):
    notes = []

    class Listening(Progress):
        def note(self, text):
            notes.append(text)

    trainer = make(Press("step", 3), progress=Listening())
    trainer.fit(data, **SETTINGS)

    assert notes == [
        "Stopping: the last evaluation; Ctrl-C once more leaves it out.",
        "Stopped (interrupted) after step 3 of 14.",
    ]


# --- signals that are not ours -----------------------------------------------------------------
class Late(Exception):
    """What somebody else's handler raises."""


@pytest.fixture
def alarm():
    """A signal whose handler raises."""

    def handler(number, frame):
        raise Late

    before = signal.signal(signal.SIGTERM, handler)
    yield signal.SIGTERM
    signal.signal(signal.SIGTERM, before)


def check_whole(trainer, steps):
    """All that counts steps counts the same, and the weights are those of that step."""
    state = trainer.state
    assert state.step == state.history.step == trainer.optimizer.step_count == steps
    assert state.history.stopped == "failed"
    assert all(p.grad is None for p in trainer.model.parameters())


def test_somebody_elses_signal_in_the_middle_of_an_update_comes_out_after_it(data, alarm):
    class Alarmed(optim.SGD):
        def rule(self, p, g, pace, *slots):
            if self.step_count == 6 and p.name == "layers.2.weight":
                signal.raise_signal(alarm)
            return super().rule(p, g, pace, *slots)

    model = nn.MLP([2, 8, 2], rng=0)
    trainer = Trainer(model, cross_entropy, Alarmed(model, lr=0.2), progress="none")
    with pytest.raises(Late):
        trainer.fit(data, **SETTINGS)
    check_whole(trainer, 6)
    found = {name: value.tobytes() for name, value in model.state_dict().items()}
    assert found == after(6, data)


@pytest.mark.skipif(not engine.is_there(), reason="llvmlite is not installed")
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("schedule", [False, True])
def test_in_the_middle_of_compiled_steps_too(make, data, alarm, monkeypatch, moment, schedule):
    original, calls = Runner.run, []

    def run(self, rows, sources, paces):
        calls.append(self)
        at = len(calls) == 5  # evaluations run as well
        if at and moment == "before":
            signal.raise_signal(alarm)
        found = original(self, rows, sources, paces)
        if at and moment == "after":
            signal.raise_signal(alarm)
        return found

    monkeypatch.setattr(Runner, "run", run)
    disturbed, alone = (make(compile=True, kind=optim.Adam) for _ in range(2))
    for trainer in (disturbed, alone):
        steps = optim.StepLR(trainer.optimizer, 3, gamma=0.5)
        trainer.callbacks = [FollowSchedule(steps)] if schedule else []
    with pytest.raises(Late):
        disturbed.fit(data, **{**SETTINGS, "steps": 30})
    done = disturbed.state.step
    assert 0 < done < 30
    check_whole(disturbed, done)

    alone.fit(data, **{**SETTINGS, "steps": done})
    one, two = (t.model.state_dict() | t.optimizer.state_dict() for t in (disturbed, alone))
    for name, value in one.items():
        np.testing.assert_allclose(value, two[name], rtol=1e-5, atol=1e-7, err_msg=name)
    assert disturbed.optimizer.lr == alone.optimizer.lr
