"""What a training is made of stays what it is."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim import mse, nn, optim
from gradatim.data import Loader, moons
from gradatim.errors import StateError
from gradatim.train import Callback, History, Plan

PARTS = [
    *("model", "optimizer", "loader", "validation", "criterion"),
    *("plan", "history", "callbacks"),
]


class Replace(Callback):
    """Puts another part into the state, at some moment."""

    def __init__(self, part, moment="on_step"):
        self.part = part
        setattr(self, moment, self._act)
        self.every_steps = 5

    def on_step(self, state):
        """Do nothing, unless that is the moment."""

    def _act(self, state):
        model = nn.MLP([2, 8, 2], rng=1)
        others = {
            "model": model,
            "optimizer": optim.SGD(model),
            "loader": Loader(moons(60, seed=1), 10),
            "validation": moons(30),
            "criterion": mse,
            "plan": Plan(0, 100, 5, 6),
            "history": History(),
            "callbacks": [self, Callback()],
        }
        setattr(state, self.part, others[self.part])


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("compile", [False, "auto"])
def test_a_callback_cannot_replace_a_part_of_it(make, data, part, compile):
    trainer = make(Replace(part), compile=compile)
    with pytest.raises(StateError, match=rf"state\.{part} was to be replaced") as caught:
        trainer.fit(data, moons(40), steps=20, batch_size=10)
    assert "\n  Try " in str(caught.value)
    assert trainer.state.step == trainer.optimizer.step_count == 5


@pytest.mark.parametrize("moment", ["on_start", "on_evaluation"])
def test_at_no_moment(make, data, moment):
    with pytest.raises(StateError, match="A training keeps its optimizer to the end"):
        make(Replace("optimizer", moment)).fit(data, steps=20, batch_size=10)


def test_nobody_joins_the_callbacks_on_the_way_unheard(make, data):
    def join(state):
        state.callbacks.append(Callback())

    with pytest.raises(AttributeError, match="append"):
        make(join).fit(data, steps=20, batch_size=10)


def test_the_same_one_may_be_set_again(make, data):
    class Again(Callback):
        def on_evaluation(self, state):
            state.model, state.optimizer = state.model, state.optimizer

    assert make(Again()).fit(data, steps=10, batch_size=10).step == 10


@pytest.mark.parametrize("compile", [False, True])
@pytest.mark.parametrize("moment", ["on_start", "on_step", "on_evaluation"])
def test_a_callback_cannot_set_the_number_of_steps(make, data, moment, compile):
    class Jump(Callback):
        every_steps = 5

    def jump(self, state):
        state.step = state.step
        state.step = 100

    setattr(Jump, moment, jump)
    trainer = make(Jump(), compile=compile)
    with pytest.raises(StateError, match=r"state\.step is \d and was to become 100") as caught:
        trainer.fit(data, steps=20, batch_size=10, evaluate_every=5)
    assert "\n  Try state.stop() to end sooner" in str(caught.value)
    assert trainer.state.step == trainer.optimizer.step_count == (5 if moment == "on_step" else 0)


def test_a_callback_cannot_change_how_the_loader_cuts_batches(make, data):
    def grow(state):
        state.loader.batch_size = 20

    with pytest.raises(StateError, match="Loader: batch_size is 10 and was to become 20"):
        make(grow).fit(data, steps=20, batch_size=10)


def test_another_fit_goes_on_with_larger_batches(make, data):
    """What the message of the loader proposes."""

    class StopAt(Callback):
        def on_step(self, state):
            if state.step == 8 and state.loader.batch_size == 10:
                state.stop()

    trainer = make(StopAt())
    history = trainer.fit(data, steps=30, batch_size=10)
    history = trainer.fit(data, steps=30, batch_size=20, resume=history)
    assert history.step == trainer.optimizer.step_count == 30


def test_another_fit_goes_on_with_other_data(make, data):
    """What the message of the loader proposes."""

    class StopAt(Callback):
        def on_step(self, state):
            if state.step == 12 and len(state.loader.dataset) == 60:
                state.stop()

    trainer = make(StopAt())
    history = trainer.fit(data, steps=30, batch_size=10)
    history = trainer.fit(moons(80), steps=30, batch_size=10, resume=history)
    assert history.step == trainer.optimizer.step_count == 30
    assert np.isfinite(history.last["train_loss"])
