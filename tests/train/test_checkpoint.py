"""A training that is stopped and resumed is the uninterrupted one, bit for bit."""

from __future__ import annotations

import json

import numpy as np
import pytest

from gradatim import cross_entropy, nn, optim
from gradatim.data import moons
from gradatim.errors import DataError, DtypeError, StateError
from gradatim.store import RunFolder, load_weights, save_weights
from gradatim.train import Checkpoint, EarlyStopping, Trainer, load_checkpoint, save_checkpoint

SETTINGS = {"batch_size": 25, "seed": 5, "evaluate_every": 4}
TIMED = {"seconds", "examples_per_second"}


def fingerprint(trainer, history):
    """Everything of a finished training but its times."""
    return (
        {name: value.tobytes() for name, value in trainer.model.state_dict().items()},
        {name: value.tobytes() for name, value in trainer.optimizer.state_dict().items()},
        history.losses.tobytes(),
        [{k: v for k, v in row.items() if k not in TIMED} for row in history.rows],
        [callback.state_dict() for callback in trainer.callbacks if callback.state_dict()],
        history.stopped,
    )


@pytest.fixture
def path(tmp_path):
    return tmp_path / "half.safetensors"


@pytest.fixture
def validation():
    return moons(40, seed=9)


def stop_at(step):
    def look(state):
        if state.step == step:
            state.stop("pause")

    return look


class StopAt(Checkpoint):
    """Stops after a step, as a crash would, right after the checkpoint was written."""

    def on_step(self, state):
        super().on_step(state)
        if state.step == self.every:
            state.stop("pause")

    @property
    def name(self):
        return "Checkpoint"


@pytest.mark.parametrize("suffix", [".safetensors", ".npz"])
@pytest.mark.parametrize("sampling", ["epoch", "replacement"])
@pytest.mark.parametrize("kind", [optim.SGD, optim.Adam, optim.Momentum])
@pytest.mark.parametrize("stop", [1, 8, 11])
def test_resuming_from_a_file_is_bit_for_bit(
    make, data, validation, tmp_path, stop, kind, sampling, suffix
):
    path = tmp_path / f"half{suffix}"
    settings = SETTINGS | {"sampling": sampling}
    whole = make(Checkpoint(stop, tmp_path / "unused.npz"), kind=kind, lr=0.02)
    expected = fingerprint(whole, whole.fit(data, validation, steps=14, **settings))

    first = make(StopAt(stop, path), kind=kind, lr=0.02)
    first.fit(data, validation, steps=14, **settings)
    second = make(Checkpoint(100, tmp_path / "unused.npz"), kind=kind, lr=0.02)
    resumed = second.fit(data, validation, steps=14, resume=path, **settings)

    assert fingerprint(second, resumed) == expected


@pytest.mark.parametrize("stop", [1, 8, 11])
def test_resuming_from_a_history_is_bit_for_bit(make, data, validation, stop):
    whole = make(kind=optim.Adam, lr=0.02)
    expected = fingerprint(whole, whole.fit(data, validation, steps=14, **SETTINGS))

    trainer = make(kind=optim.Adam, lr=0.02)
    half = trainer.fit(data, validation, steps=stop, **SETTINGS)
    resumed = trainer.fit(data, validation, steps=14, resume=half, **SETTINGS)

    assert fingerprint(trainer, resumed) == expected
    assert len(half.losses) == stop  # the history that was given is not changed


def test_schedules_and_early_stopping_go_on_where_they_were(make, data, validation, path):
    def build(*more):
        trainer = make(EarlyStopping(patience=50), *more, kind=optim.Momentum, lr=0.05)
        schedule = optim.CosineAnnealingLR(trainer.optimizer, T_max=14)
        return Trainer(
            trainer.model,
            cross_entropy,
            trainer.optimizer,
            callbacks=[*trainer.callbacks, schedule],
            progress="none",
        )

    whole = build(Checkpoint(100, path.with_name("unused.npz")))
    expected = fingerprint(whole, whole.fit(data, validation, steps=14, **SETTINGS))
    build(StopAt(7, path)).fit(data, validation, steps=14, **SETTINGS)
    second = build(Checkpoint(100, path.with_name("unused.npz")))
    resumed = second.fit(data, validation, steps=14, resume=path, **SETTINGS)

    assert repr(fingerprint(second, resumed)) == repr(expected)
    assert second.optimizer.lr == whole.optimizer.lr < 1e-6


@pytest.mark.parametrize("compile", ["auto", True])
@pytest.mark.parametrize("source", [np.random.default_rng, np.random.RandomState])
def test_random_numbers_inside_the_model_go_on_where_they_were(data, path, source, compile):
    def build(*callbacks):
        model = nn.Sequential(
            nn.Linear(2, 8, rng=0), nn.Dropout(0.5, rng=source(1)), nn.Linear(8, 2, rng=2)
        )
        optimizer = optim.SGD(model, lr=0.1)
        return Trainer(
            model,
            cross_entropy,
            optimizer,
            callbacks=callbacks,
            progress="none",
            compile=compile,
        )

    whole = build(Checkpoint(100, path.with_name("unused.npz")))
    expected = fingerprint(whole, whole.fit(data, steps=14, **SETTINGS))
    build(StopAt(7, path)).fit(data, steps=14, **SETTINGS)
    second = build(Checkpoint(100, path.with_name("unused.npz")))
    resumed = second.fit(data, steps=14, resume=load_checkpoint(path), **SETTINGS)

    assert fingerprint(second, resumed) == expected


def test_a_longer_training_is_a_training_resumed(make, data, path):
    first = make(StopAt(6, path))
    first.fit(data, steps=6, batch_size=10)
    longer = make(Checkpoint(100, path)).fit(data, steps=12, batch_size=10, resume=path)
    whole = make().fit(data, steps=12, batch_size=10)

    assert longer.losses.tobytes() == whole.losses.tobytes()
    assert [row["step"] for row in longer.rows] == [0, 6, 12]


def test_time_goes_on_too(make, data):
    trainer = make()
    half = trainer.fit(data, steps=6, batch_size=10)
    half.rows[-1]["seconds"] = 100.0
    resumed = trainer.fit(data, steps=12, batch_size=10, resume=half)

    assert resumed.last["seconds"] > 100.0


def test_a_run_folder_is_searched_for_its_checkpoint(make, data, folder):
    run = RunFolder.create(folder)
    make(Checkpoint(4)).fit(data, steps=6, batch_size=10, run=run)

    for place in (run, folder, str(folder), folder / "checkpoint.safetensors"):
        assert load_checkpoint(place).step == 4


def test_a_run_that_replaces_another_does_not_go_on_from_its_checkpoint(make, data, folder):
    make(Checkpoint(4)).fit(data, steps=6, batch_size=10, run=RunFolder.create(folder))
    RunFolder.create(folder, overwrite=True)

    assert [path.name for path in folder.iterdir()] == ["run.json"]


# --- what does not fit ------------------------------------------------------------------------
@pytest.fixture
def saved(make, data, path):
    trainer = make()
    trainer.fit(data, steps=6, batch_size=10)
    save_checkpoint(path, trainer.state)
    return path


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"seed": 1}, "seed: 0 when it was saved, 1 now"),
        ({"batch_size": 20}, "batch_size: 10 when it was saved, 20 now"),
        ({"sampling": "replacement"}, "sampling: 'epoch' when it was saved, 'replacement' now"),
        ({"drop_last": True}, "drop_last: False when it was saved, True now"),
        ({"dtype": np.float64}, "dtype: 'float32' when it was saved, 'float64' now"),
    ],
)
def test_other_settings_are_another_training(make, data, saved, change, text):
    with pytest.raises(StateError, match=f"(?s)of another training.*{text}.*leave out resume"):
        make().fit(data, **{"steps": 12, "batch_size": 10, "resume": saved} | change)


def test_other_data_is_another_training(make, saved):
    with pytest.raises(StateError, match=r"data: '[0-9a-f]{64}' when it was saved"):
        make().fit(moons(60, seed=4), steps=12, batch_size=10, resume=saved)


def test_another_optimizer_or_other_callbacks_are_another_training(make, data, saved):
    with pytest.raises(StateError, match="optimizer: 'SGD' when it was saved, 'Adam' now"):
        make(kind=optim.Adam).fit(data, steps=12, batch_size=10, resume=saved)
    with pytest.raises(StateError, match=r"callbacks: \[\] when it was saved, \['EarlyStopping'\]"):
        make(EarlyStopping()).fit(data, steps=12, batch_size=10, resume=saved)


def test_another_model_is_told_apart_and_not_changed(make, data, saved):
    trainer = make(hidden=9)
    before = trainer.model.state_dict()
    with pytest.raises(StateError, match="wrong shape"):
        trainer.fit(data, steps=12, batch_size=10, resume=saved)

    assert all(np.array_equal(before[k], v) for k, v in trainer.model.state_dict().items())


def test_a_training_that_is_past_its_end_is_not_resumed(make, data, saved):
    with pytest.raises(DataError, match="6 steps of this run are done, 5 were asked for"):
        make().fit(data, steps=5, batch_size=10, resume=saved)


def test_weights_alone_are_no_checkpoint(make, data, path):
    save_weights(path, make().model.state_dict())
    with pytest.raises(DataError, match="holds weights but is no checkpoint"):
        make().fit(data, steps=5, batch_size=10, resume=path)


def test_a_missing_file_is_named(make, data, tmp_path):
    with pytest.raises(DataError, match="there is no such file"):
        make().fit(data, steps=5, batch_size=10, resume=tmp_path / "absent.npz")
    with pytest.raises(DataError, match=r"there is no checkpoint\.safetensors in it"):
        make().fit(data, steps=5, batch_size=10, resume=tmp_path)


@pytest.mark.parametrize(
    ("notes", "text"),
    [("{", "its notes are damaged"), ("[]", "damaged"), ('{"version": 99}', "of version 99")],
)
def test_damaged_or_newer_notes_are_refused(saved, notes, text):
    arrays, metadata = load_weights(saved)
    save_weights(saved, arrays, metadata | {"gradatim.checkpoint": notes})
    with pytest.raises(DataError, match=text):
        load_checkpoint(saved)


def test_what_is_no_place_to_resume_from_is_named(make, data):
    with pytest.raises(DtypeError, match="resume is int; it must be a path"):
        make().fit(data, steps=5, batch_size=10, resume=3)


def test_a_checkpoint_holds_no_code(saved):
    content = saved.read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])

    assert b"pickle" not in content
    assert json.loads(header["__metadata__"]["gradatim.checkpoint"])["version"] == 1


def test_a_checkpoint_that_cannot_be_written_leaves_the_one_before(make, data, saved, monkeypatch):
    before = saved.read_bytes()
    trainer = make()
    trainer.fit(data, steps=2, batch_size=10)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(DataError, match="no space left on device"):
        save_checkpoint(saved, trainer.state)

    assert saved.read_bytes() == before
    assert [entry.name for entry in saved.parent.iterdir()] == [saved.name]
