from __future__ import annotations

import itertools
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradatim.data import Dataset, Loader
from gradatim.errors import DataError, DtypeError, StateError


def numbered(n: int) -> Dataset:
    """Return n samples, each of which carries its own number."""
    return Dataset(np.arange(float(n))[:, None], np.arange(n))


def served(batches) -> list[int]:
    return [int(label) for *_, t in batches for label in t]


sizes = st.integers(1, 40).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n)))


class TestEpochs:
    @settings(deadline=None)
    @given(size=sizes, seed=st.integers(0, 2**70))
    def test_every_sample_comes_exactly_once(self, size, seed):
        n, batch_size = size
        loader = Loader(numbered(n), batch_size, seed=seed)
        for _ in range(3):
            batches = list(loader)
            assert len(batches) == len(loader) == -(-n // batch_size)
            assert sorted(served(batches)) == list(range(n))
            assert {len(t) for _, t in batches[:-1]} <= {batch_size}

    @settings(deadline=None)
    @given(size=sizes)
    def test_drop_last_serves_full_batches_only(self, size):
        n, batch_size = size
        loader = Loader(numbered(n), batch_size, drop_last=True)
        batches = list(loader)
        assert len(batches) == len(loader) == n // batch_size
        assert {len(t) for _, t in batches} == {batch_size}
        assert len(set(served(batches))) == n // batch_size * batch_size

    def test_all_of_60000_come_in_batches_of_16_and_of_100(self):
        data = numbered(60000)
        for batch_size in (16, 100):
            loader = Loader(data, batch_size)
            assert len(loader) == 60000 // batch_size
            assert len(set(served(loader))) == 60000

    def test_inputs_and_targets_stay_together(self):
        for x, t in Loader(numbered(23), 5):
            np.testing.assert_array_equal(x[:, 0], t)

    def test_epochs_differ_and_seeds_differ(self):
        loader = Loader(numbered(50), 10)
        first, second = served(loader), served(loader)
        assert first != second
        assert served(Loader(numbered(50), 10)) == first
        assert served(Loader(numbered(50), 10, seed=1)) != first

    def test_the_order_is_the_documented_one(self):
        loader = Loader(numbered(50), 7, seed=3)
        for epoch in range(3):
            order = np.random.default_rng((3, epoch)).permutation(50)
            assert served(loader) == order.tolist()

    def test_an_epoch_left_early_is_over(self):
        loader = Loader(numbered(10), 3)
        next(iter(loader))
        assert loader.epoch == 1
        assert served(loader) == served(loader.batches(4, 8))

    def test_the_epoch_can_be_set(self):
        loader = Loader(numbered(10), 3)
        first = served(loader)
        loader.epoch = 0
        assert served(loader) == first

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("batch_size", 4),
            ("sampling", "replacement"),
            ("seed", 1),
            ("drop_last", True),
            ("dtype", np.dtype(np.float64)),
            ("dataset", numbered(12)),
            ("dataset", np.arange(12.0)),
        ],
    )
    def test_what_it_was_made_with_cannot_be_set(self, name, value):
        loader = Loader(numbered(10), 3)
        before = served(loader.batches(0, 8))
        with pytest.raises(
            StateError, match=rf"^Loader: {name} is .* and was to become "
        ) as caught:
            setattr(loader, name, value)
        assert f"\n  Try another Loader(..., {name}=...); in a training" in str(caught.value)
        assert served(loader.batches(0, 8)) == before

    def test_the_same_may_be_set_again(self):
        loader = Loader(numbered(10), 3)
        loader.batch_size, loader.dataset = 3, loader.dataset
        assert len(loader) == 4

    def test_two_iterations_at_a_time_do_not_disturb_each_other(self):
        mixed = Loader(numbered(20), 3)
        pairs = list(zip(mixed, mixed, strict=True))
        assert sorted(served(first for first, _ in pairs)) == list(range(20))
        assert sorted(served(second for _, second in pairs)) == list(range(20))

    def test_one_batch_may_be_all(self):
        assert sorted(served(Loader(numbered(4), 4))) == [0, 1, 2, 3]


class TestReplacement:
    def test_the_draws_are_the_documented_ones(self):
        loader = Loader(numbered(50), 7, sampling="replacement", seed=3)
        for step in (0, 1, 1000):
            epoch, row = divmod(step, 8)  # ceil(50 / 7)
            drawn = np.random.default_rng((3, epoch)).integers(50, size=8 * 7)
            np.testing.assert_array_equal(loader.indices(step), drawn[7 * row : 7 * row + 7])

    def test_the_draws_do_not_depend_on_what_is_called_an_epoch(self):
        every, cut = (
            Loader(numbered(10), 4, sampling="replacement", drop_last=d) for d in (False, True)
        )
        for step in range(9):
            np.testing.assert_array_equal(every.indices(step), cut.indices(step))

    def test_an_epoch_misses_about_37_of_100(self):
        loader = Loader(numbered(10_000), 100, sampling="replacement")
        assert 0.62 < len(set(served(loader))) / 10_000 < 0.645

    def test_every_batch_is_full(self):
        loader = Loader(numbered(10), 4, sampling="replacement")
        assert [len(t) for _, t in loader] == [4, 4, 4]
        assert len(Loader(numbered(10), 4, sampling="replacement", drop_last=True)) == 2


@pytest.mark.parametrize("sampling", ["epoch", "replacement"])
class TestPurity:
    def test_indices_depend_on_the_step_alone(self, sampling):
        loader = Loader(numbered(30), 4, sampling=sampling)
        straight = [loader.indices(step).tolist() for step in range(40)]
        for step in np.random.default_rng(0).permutation(40):
            assert loader.indices(int(step)).tolist() == straight[step]
            fresh = Loader(numbered(30), 4, sampling=sampling)
            assert fresh.indices(step).tolist() == straight[step]

    @pytest.mark.parametrize("start", [0, 1, 5, 7, 8, 9, 23])
    def test_a_run_resumes_in_the_middle_as_if_it_had_never_stopped(self, sampling, start):
        whole = list(Loader(numbered(30), 4, sampling=sampling).batches(0, 30))
        resumed = list(Loader(numbered(30), 4, sampling=sampling).batches(start, 30))
        assert [step for step, _, _ in resumed] == list(range(start, 30))
        for (_, x, t), (_, x_again, t_again) in zip(whole[start:], resumed, strict=True):
            np.testing.assert_array_equal(x, x_again)
            np.testing.assert_array_equal(t, t_again)

    def test_indices_are_int64_and_the_callers_to_change(self, sampling):
        loader = Loader(numbered(30), 4, sampling=sampling)
        before = loader.indices(2).copy()
        assert before.dtype == np.int64
        loader.indices(2)[:] = 0
        np.testing.assert_array_equal(loader.indices(2), before)

    def test_the_global_generator_is_neither_read_nor_moved(self, sampling):
        np.random.seed(0)
        first = served(Loader(numbered(30), 4, sampling=sampling))
        assert np.random.random() == 0.5488135039273248
        assert served(Loader(numbered(30), 4, sampling=sampling)) == first

    def test_it_survives_pickling(self, sampling):
        loader = Loader(numbered(30), 4, sampling=sampling)
        next(iter(loader))
        again = pickle.loads(pickle.dumps(loader))
        assert served(again) == served(loader)

    def test_batches_go_on_for_ever(self, sampling):
        loader = Loader(numbered(5), 2, sampling=sampling)
        steps = [step for step, _, _ in itertools.islice(loader.batches(), 50)]
        assert steps == list(range(50))

    def test_batches_leave_the_epoch_of_the_loader_alone(self, sampling):
        loader = Loader(numbered(5), 2, sampling=sampling)
        list(loader.batches(0, 20))
        assert loader.epoch == 0


class TestWhatIsServed:
    @pytest.mark.parametrize("dtype", [np.float32, np.float64, "float16"])
    def test_floats_of_the_dtype_asked_for_and_int64_labels(self, dtype):
        data = Dataset(np.arange(10, dtype=np.uint8)[:, None], np.arange(10), scale=1 / 255)
        for x, t in Loader(data, 5, dtype=dtype):
            assert x.dtype == dtype
            assert t.dtype == np.int64
            expected = t[:, None].astype(dtype) / np.dtype(dtype).type(255)
            assert x.tobytes() == expected.tobytes()

    def test_batches_of_mnist(self, digits):
        train, _ = digits
        loader = Loader(train.flatten(), 100)
        assert len(loader) == 600
        x, t = next(iter(loader))
        rows = loader.indices(0)
        assert x.shape == (100, 784)
        np.testing.assert_array_equal(t, train.targets[rows])
        expected = train.inputs[rows].reshape(100, 784).astype(np.float32) / 255
        assert x.tobytes() == expected.tobytes()

    def test_the_data_is_left_alone(self):
        data = numbered(10)
        for x, t in Loader(data, 5, dtype=np.float64):
            x[:], t[:] = -1, -1
        np.testing.assert_array_equal(data.inputs[:, 0], np.arange(10))
        np.testing.assert_array_equal(data.targets, np.arange(10))


def test_epoch_of_a_step():
    loader = Loader(numbered(10), 3)
    assert [loader.epoch_of(step) for step in (0, 3, 4, 7, 8)] == [0, 0, 1, 1, 2]


def test_it_says_what_it_is():
    text = repr(Loader(numbered(10), 3, drop_last=True))
    assert text.startswith(
        "Loader: 3 batches of 3 an epoch, float32, sampling='epoch', seed=0, drop_last\n  Dataset: "
    )


class TestErrors:
    @pytest.mark.parametrize("batch_size", [0, -1, 11, 2.5, None, "5"])
    def test_a_batch_fits_the_data(self, batch_size):
        with pytest.raises(DataError) as caught:
            Loader(numbered(10), batch_size)
        assert f"batch_size is {batch_size!r}, the dataset has 10 samples" in str(caught.value)
        assert "whole number from 1 to 10. Try batch_size=10?" in str(caught.value)

    @pytest.mark.parametrize("sampling", ["random", None, 3, ["epoch"]])
    def test_sampling_names_its_two_choices(self, sampling):
        with pytest.raises(DataError, match=r'sampling is .*\n.*"epoch" .* or "replacement"'):
            Loader(numbered(10), 5, sampling=sampling)

    @pytest.mark.parametrize("seed", [-1, 0.5, None])
    def test_a_seed_is_a_whole_number(self, seed):
        with pytest.raises(DataError, match=rf"seed is {seed}.*\n.*0 or more. Try seed=0"):
            Loader(numbered(10), 5, seed=seed)

    def test_a_dtype_is_floating(self):
        with pytest.raises(DtypeError, match="Loader: dtype is uint8"):
            Loader(numbered(10), 5, dtype=np.uint8)

    @pytest.mark.parametrize("step", [-1, 1.0])
    def test_a_step_is_a_whole_number(self, step):
        loader = Loader(numbered(10), 5)
        for ask in (loader.indices, loader.epoch_of):
            with pytest.raises(DataError, match=rf"step is {step}"):
                ask(step)
        with pytest.raises(DataError, match=rf"start is {step}"):
            loader.batches(step)

    def test_a_stop_is_a_whole_number(self):
        with pytest.raises(DataError, match=r"stop is 2\.5"):
            Loader(numbered(10), 5).batches(0, 2.5)


class TestBatchesGatheredTogether:
    """Small batches come out of one array, which nobody must be able to tell."""

    @pytest.mark.parametrize("sampling", ["epoch", "replacement"])
    @pytest.mark.parametrize("drop_last", [False, True])
    @pytest.mark.parametrize(("n", "size"), [(30, 4), (1000, 16), (1000, 300), (7, 7)])
    def test_each_batch_holds_the_samples_of_its_step(self, sampling, drop_last, n, size):
        data = Dataset(np.arange(n * 300.0).reshape(n, 300), np.arange(n))
        loader = Loader(data, size, sampling=sampling, drop_last=drop_last, seed=3)
        for step, x, t in loader.batches(2, 2 * len(loader) + 3):
            rows = loader.indices(step)
            np.testing.assert_array_equal(t, rows)
            np.testing.assert_array_equal(x, data.inputs[rows])

    def test_batches_share_no_element(self):
        data = Dataset(np.ones((40, 3)), np.arange(40))
        for x, t in Loader(data, 4):
            assert x.all()
            x[...], t[...] = 0, 0
        assert data.inputs.all()

    def test_what_a_batch_keeps_alive_is_bounded(self):
        data = Dataset(np.zeros((5000, 1000), np.uint8), np.zeros(5000))
        x, _ = next(iter(Loader(data, 10)))
        assert x.base.nbytes <= 2**21

    @pytest.mark.parametrize("stop", [0, 1, 3])
    def test_nothing_is_served_beyond_the_end(self, stop):
        loader = Loader(numbered(100), 5)
        assert [step for step, _, _ in loader.batches(0, stop)] == list(range(stop))


class TestRowsOfManySteps:
    """What a compiled training is given instead of batches."""

    @pytest.mark.parametrize("sampling", ["epoch", "replacement"])
    @pytest.mark.parametrize("drop_last", [False, True])
    @pytest.mark.parametrize(("n", "size"), [(30, 4), (30, 5), (7, 7), (9, 1)])
    def test_they_are_the_samples_of_each_step(self, sampling, drop_last, n, size):
        loader = Loader(numbered(n), size, sampling=sampling, drop_last=drop_last, seed=3)
        step, stop = 1, 3 * len(loader) + 2
        while step < stop:
            for row in loader.rows(step, stop):
                np.testing.assert_array_equal(row, loader.indices(step))
                step += 1
        assert step == stop

    def test_as_many_as_are_left_of_the_epoch(self):
        loader = Loader(numbered(100), 10)
        assert [loader.rows(step, 25).shape for step in (0, 7, 9, 12)] == [
            (10, 10),
            (3, 10),
            (1, 10),
            (8, 10),
        ]

    def test_they_cannot_be_written(self):
        with pytest.raises(ValueError, match="read-only"):
            Loader(numbered(10), 5).rows(0, 2)[0, 0] = 1

    def test_steps_that_go_nowhere_are_refused(self):
        with pytest.raises(DataError, match="stop is 3, start is 3"):
            Loader(numbered(10), 5).rows(3, 3)
