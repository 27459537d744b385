"""What is done at certain moments of a training."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim import cross_entropy, nn, optim
from gradatim.data import moons
from gradatim.errors import DtypeError, StateError
from gradatim.store import RunFolder
from gradatim.train import (
    AfterEvaluation,
    Callback,
    Checkpoint,
    EarlyStopping,
    FollowSchedule,
    Trainer,
    load_checkpoint,
)


class Diary(Callback):
    def __init__(self):
        self.entries = []

    def on_start(self, state):
        self.entries.append(("start", state.step))

    def on_step(self, state):
        self.entries.append(("step", state.step))

    def on_evaluation(self, state):
        self.entries.append(("evaluation", state.row["step"]))

    def on_end(self, state):
        self.entries.append(("end", state.step, state.stopped))


def test_each_moment_in_its_order(make, data):
    diary = Diary()
    make(diary).fit(data, steps=3, batch_size=10, evaluate_every=2)

    assert diary.entries == [
        ("start", 0),
        ("evaluation", 0),
        ("step", 1),
        ("step", 2),
        ("evaluation", 2),
        ("step", 3),
        ("evaluation", 3),
        ("end", 3, "finished"),
    ]


def test_a_callback_sees_model_loss_and_history(make, data):
    seen = []

    class Look(Callback):
        def on_step(self, state):
            seen.append((state.loss, state.history.losses[-1], state.epoch))

    trainer = make(Look())
    history = trainer.fit(data, steps=7, batch_size=10)

    assert [loss for loss, _, _ in seen] == history.losses.tolist()
    assert [latest for _, latest, _ in seen] == history.losses.tolist()
    assert [epoch for _, _, epoch in seen] == [0, 0, 0, 0, 0, 1, 1]


def test_a_plain_function_is_called_after_each_evaluation(make, data):
    steps = []
    make(lambda state: steps.append(state.step)).fit(data, steps=5, batch_size=10, evaluate_every=2)

    assert steps == [0, 2, 4, 5]


def test_anybody_can_stop_after_a_step(make, data):
    class Enough(Callback):
        def on_step(self, state):
            if state.step == 4:
                state.stop("enough")

    history = make(Enough()).fit(data, steps=50, batch_size=10)

    assert history.stopped == "enough"
    assert history.step == 4
    assert history.last["step"] == 4


def test_stopping_at_an_evaluation_makes_no_further_update(make, data):
    history = make(lambda state: state.step == 6 and state.stop()).fit(
        data, steps=50, batch_size=10
    )

    assert history.stopped == "early"
    assert [row["step"] for row in history.rows] == [0, 6]
    assert history.step == 6


def test_a_callback_may_change_the_weights_at_an_evaluation(make, data):
    def reset(state):
        for p in state.model.parameters():
            p.assign(np.full(p.shape, 0.25))

    history = make(reset).fit(data, steps=2, batch_size=10, evaluate_every=1)

    assert history.losses == pytest.approx([np.log(2)] * 2)  # all classes are alike again


@pytest.mark.parametrize("given", [3, "early", None, [Callback()]])
def test_what_is_no_callback_is_named(make, given):
    with pytest.raises(DtypeError, match=r"a callback is .*; it must be a Callback, a schedule"):
        make(given)


def test_a_class_in_place_of_a_callback_is_noticed():
    model = nn.MLP([2, 2])
    with pytest.raises(DtypeError, match=r"Did you mean EarlyStopping\(...\)"):
        Trainer(model, cross_entropy, optim.SGD(model), callbacks=[EarlyStopping])


@pytest.mark.parametrize("given", [Callback(), print, 3])
def test_callbacks_are_a_list(given):
    model = nn.MLP([2, 2])
    with pytest.raises(DtypeError, match=r"callbacks is .*; it must be a list"):
        Trainer(model, cross_entropy, optim.SGD(model), callbacks=given)


# --- early stopping ---------------------------------------------------------------------------
class Scripted(EarlyStopping):
    """Early stopping on figures that are written down; marks the weights with the step."""

    figures = ()

    def on_evaluation(self, state):
        state.row[self.monitor] = self.figures[state.step]
        for p in state.model.parameters():
            p.assign(np.full(p.shape, state.step))
        super().on_evaluation(state)


def scripted(make, data, figures, **settings):
    callback = Scripted(**settings)
    callback.figures = figures
    trainer = make(callback)
    steps = len(figures) - 1
    history = trainer.fit(data, steps=steps, batch_size=10, evaluate_every=1)
    return history, callback, trainer.model.layers[0].weight.data.flat[0]


def test_it_stops_when_patience_is_used_up_and_gives_the_best_weights_back(make, data):
    history, callback, weight = scripted(make, data, [5, 3, 4, 4, 4, 0], patience=2)

    assert history.stopped == "early"
    assert history.step == 4
    assert (callback.best, callback.best_step) == (3, 1)
    assert weight == 1


def test_with_a_patience_of_zero_the_first_that_is_not_better_is_the_last(make, data):
    assert scripted(make, data, [5, 4, 4, 0], patience=0)[0].step == 2


def test_an_accuracy_gets_better_as_it_grows(make, data):
    history, callback, _ = scripted(
        make, data, [0.1, 0.5, 0.9, 0.8, 0.7, 0.6], monitor="test_accuracy", patience=1
    )

    assert (history.step, callback.best, callback.best_step) == (4, 0.9, 2)


def test_a_gain_that_is_too_small_does_not_count(make, data):
    history, _, _ = scripted(make, data, [5, 4.95, 4.9, 4.8, 0], patience=1, min_delta=0.2)

    assert history.step == 2


def test_a_training_that_ends_by_itself_gets_its_best_weights_too(make, data):
    history, _, weight = scripted(make, data, [5, 3, 4, 4], patience=9)

    assert history.stopped == "finished"
    assert weight == 1


def test_the_last_weights_stay_if_that_is_wanted(make, data):
    _, _, weight = scripted(make, data, [5, 3, 4, 4], patience=9, restore_best=False)

    assert weight == 3


def test_the_saved_model_is_the_best_one(make, data, folder):
    run = RunFolder.create(folder)
    callback = Scripted(patience=9)
    callback.figures = [5, 3, 4]
    trainer = make(callback)
    trainer.fit(data, steps=2, batch_size=10, evaluate_every=1, run=run)

    assert run.load_model()[0]["layers.0.weight"].flat[0] == 1


def test_a_second_training_begins_anew(make, data):
    callback = Scripted(patience=9)
    callback.figures = [1, 2]
    trainer = make(callback)
    trainer.fit(data, steps=1, batch_size=10)
    callback.figures = [5, 4]
    trainer.fit(data, steps=1, batch_size=10)

    assert (callback.best, callback.best_step) == (4, 1)


def test_a_figure_that_is_not_measured_is_named(make, data):
    with pytest.raises(StateError, match=r"(?s)no figure 'test_loss'.*train_loss.*fit\(train, val"):
        make(EarlyStopping()).fit(data, steps=1, batch_size=10)


@pytest.mark.parametrize("settings", [{"patience": -1}, {"min_delta": -0.1}])
def test_patience_is_not_negative(settings):
    with pytest.raises(StateError, match="both must be 0 or more"):
        EarlyStopping(**settings)


def test_it_works_on_a_real_training(make, data):
    trainer = make(EarlyStopping(patience=3), kind=optim.Adam, lr=0.1)
    history = trainer.fit(data, moons(60, noise=0.4, seed=5), epochs=300, batch_size=10)

    assert history.stopped == "early"
    assert trainer.callbacks[0].best == history.best("test_loss")["test_loss"]


# --- checkpoints ------------------------------------------------------------------------------
def test_a_checkpoint_every_so_many_steps(make, data, tmp_path):
    path = tmp_path / "net.npz"
    steps = []

    class Look(Checkpoint):
        def on_step(self, state):
            super().on_step(state)
            steps.append(load_checkpoint(path).step)

    make(Look(2, path)).fit(data, steps=5, batch_size=10)

    assert steps == [2, 4]


def test_a_checkpoint_sees_what_all_others_did(make, data, tmp_path):
    path = tmp_path / "net.npz"
    model = nn.MLP([2, 2], rng=0)
    optimizer = optim.SGD(model, lr=1.0)
    callbacks = [Checkpoint(3, path), optim.StepLR(optimizer, 1, gamma=0.5)]
    trainer = Trainer(model, cross_entropy, optimizer, callbacks=callbacks, progress="none")
    trainer.fit(data, steps=3, batch_size=10)

    assert load_checkpoint(path).arrays["optimizer/lr"] == 0.125
    assert load_checkpoint(path).notes["callbacks"][0]["count"] == 3


def test_a_checkpoint_needs_a_place(make, data):
    with pytest.raises(StateError, match="nowhere to save to"):
        make(Checkpoint(2)).fit(data, steps=5, batch_size=10)


@pytest.mark.parametrize("every", [0, -1, 1.5, True])
def test_a_checkpoint_comes_every_whole_number_of_steps(every):
    with pytest.raises(StateError, match=r"every is .*; it must be an integer of 1 or more"):
        Checkpoint(every)


# --- schedules --------------------------------------------------------------------------------
def test_a_schedule_goes_one_step_on_with_every_update(make, data):
    trainer = make(lambda state: None, lr=1.0)
    schedule = optim.StepLR(trainer.optimizer, 2, gamma=0.5)
    rates = []

    class Look(Callback):
        def on_step(self, state):
            rates.append(state.optimizer.lr)

    again = Trainer(
        trainer.model,
        trainer.loss,
        trainer.optimizer,
        callbacks=[Look(), schedule],
        progress="none",
    )
    again.fit(data, steps=5, batch_size=10)

    assert rates == [1.0, 0.5, 0.5, 0.25, 0.25]
    assert repr(again.callbacks[1]) == "FollowSchedule(StepLR)"


@pytest.mark.parametrize(("validation", "key"), [(None, "train_loss"), (moons(20), "test_loss")])
def test_a_plateau_is_found_at_evaluations(make, data, validation, key):
    told = []

    class Listening(optim.ReduceLROnPlateau):
        def step(self, metric=None):
            told.append(metric)
            super().step(metric)

    trainer = make(Listening)
    history = trainer.fit(data, validation, steps=5, batch_size=10, evaluate_every=2)

    assert told == [row[key] for row in history.rows]


def test_a_schedule_may_follow_another_figure(make, data):
    trainer = make()
    schedule = optim.ReduceLROnPlateau(trainer.optimizer, mode="max", patience=0, factor=0.5)
    trainer.callbacks = [FollowSchedule(schedule, monitor="train_accuracy")]
    history = trainer.fit(data, steps=1, batch_size=10)

    assert schedule.best == history.best("train_accuracy")["train_accuracy"]


def test_callbacks_show_what_they_are():
    assert repr(Checkpoint(10)) == "Checkpoint(every=10)"
    assert repr(EarlyStopping()) == "EarlyStopping('test_loss', patience=5)"
    assert repr(AfterEvaluation(len)) == "AfterEvaluation(len)"
