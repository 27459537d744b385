from __future__ import annotations

import hashlib
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gradatim.data import Dataset
from gradatim.errors import DataError, DtypeError

IMAGES = np.arange(6 * 4 * 3, dtype=np.uint8).reshape(6, 4, 3) * 3
LABELS = np.array([0, 2, 1, 2, 0, 1], dtype=np.uint8)


@pytest.fixture
def images() -> Dataset:
    return Dataset(IMAGES, LABELS, scale=1 / 255, name="six")


@pytest.fixture
def waves() -> Dataset:
    return Dataset(np.linspace(0, 1, 5)[:, None], np.linspace(2, 3, 5)[:, None])


class TestWhatIsKept:
    def test_bytes_stay_bytes_and_nothing_is_copied(self):
        images, labels = IMAGES.copy(), LABELS.copy()
        data = Dataset(images, labels)
        assert np.shares_memory(data.inputs, images)
        assert np.shares_memory(data.targets, labels)
        assert data.inputs.dtype == data.targets.dtype == np.uint8

    def test_a_memory_map_stays_on_disk(self, tmp_path):
        IMAGES.tofile(tmp_path / "a")
        mapped = np.memmap(tmp_path / "a", np.uint8, "r", shape=IMAGES.shape)
        data = Dataset(mapped, LABELS).flatten()
        assert np.shares_memory(data.inputs, mapped)
        assert type(data.batch([0])[0]) is np.ndarray

    def test_it_is_read_only_but_the_callers_arrays_stay_writable(self):
        images, labels = IMAGES.copy(), LABELS.copy()
        data = Dataset(images, labels)
        for kept in (data.inputs, data.targets):
            with pytest.raises(ValueError, match="read-only"):
                kept[0] = 1
        images[0] = labels[0] = 0

    def test_lists_will_do(self):
        assert Dataset([[1, 2], [3, 4]], [0, 1]).inputs.shape == (2, 2)

    def test_it_says_what_it_is(self, images, waves):
        assert len(images) == 6
        assert images.input_shape == (4, 3)
        assert repr(images) == "Dataset six: 6 samples of shape (4, 3) uint8 / 255, 3 classes"
        assert repr(waves) == (
            "Dataset: 5 samples of shape (1,) float64, targets of shape (1,) float64"
        )
        assert "float64 x 0.3, 1 classes" in repr(Dataset([1.0], [0], scale=0.3))

    def test_it_survives_pickling(self, images):
        again = pickle.loads(pickle.dumps(images))
        assert again.checksum == images.checksum
        assert repr(again) == repr(images)


class TestClasses:
    def test_they_are_counted_from_the_labels(self, images):
        assert images.classes == 3

    def test_they_may_be_more_than_the_labels_show(self):
        assert Dataset(IMAGES, LABELS, classes=10).classes == 10

    def test_values_to_be_met_have_none(self, waves):
        assert waves.classes is None
        assert Dataset([[1.0]], [0.5]).classes is None
        assert Dataset([[1.0]], [[0, 1]]).classes is None


class TestBatch:
    @pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
    def test_bytes_come_out_as_floats_equal_to_division(self, images, dtype):
        x, t = images.batch([4, 0, 4], dtype)
        assert x.dtype == dtype
        assert x.tobytes() == (IMAGES[[4, 0, 4]].astype(dtype) / dtype(255)).tobytes()
        assert t.dtype == np.int64
        assert t.tolist() == [0, 0, 0]

    def test_float32_is_the_default(self, images, waves):
        assert images.batch([0])[0].dtype == np.float32
        assert [array.dtype for array in waves.batch([0])] == [np.float32, np.float32]

    def test_none_leaves_them_as_stored(self, images, waves):
        x, t = images.batch([1, 2], dtype=None)
        assert x.dtype == np.uint8
        assert t.dtype == np.int64
        np.testing.assert_array_equal(x, IMAGES[1:3])
        assert [array.dtype for array in waves.batch([0], dtype=None)] == [np.float64] * 2

    @settings(deadline=None)
    @given(
        rows=hnp.arrays(np.int64, st.integers(0, 20), elements=st.integers(-6, 5)),
        dtype=st.sampled_from([np.float32, np.float64]),
    )
    def test_it_is_numpys_indexing(self, rows, dtype):
        x, t = Dataset(IMAGES, LABELS).batch(rows, dtype)
        np.testing.assert_array_equal(x, IMAGES[rows].astype(dtype))
        np.testing.assert_array_equal(t, LABELS[rows])

    @pytest.mark.parametrize("wrong", [6, -7])
    def test_out_of_range_is_an_error_not_the_nearest(self, images, wrong):
        with pytest.raises(DataError, match=f"index {wrong} is out of range"):
            images.batch([0, wrong])

    def test_an_integer_dtype_is_refused(self, images):
        with pytest.raises(DtypeError, match="Dataset: dtype is int64"):
            images.batch([0], np.int64)

    def test_strided_storage_is_read_right(self):
        stored = np.asfortranarray(np.arange(24.0).reshape(4, 6))[::-1, ::2]
        x, _ = Dataset(stored, [0, 1, 2, 3]).batch([2, 1], np.float64)
        np.testing.assert_array_equal(x, stored[[2, 1]])


class TestNothingHandedOutLeadsBack:
    @pytest.mark.parametrize("stored", [np.uint8, np.float32, np.float64])
    @pytest.mark.parametrize("dtype", [np.float32, np.float64, None])
    @pytest.mark.parametrize(
        "hand_out",
        [
            lambda data, dtype: data.batch([0, 1], dtype),
            lambda data, dtype: data.arrays(dtype),
            lambda data, dtype: data[0:2],
            lambda data, dtype: data[[0, 1]],
            lambda data, dtype: (data[0][0], np.zeros(1)),
        ],
    )
    def test_writing_into_it_changes_nothing(self, stored, dtype, hand_out):
        for targets in (LABELS.astype(np.int64), LABELS[:, None].astype(stored)):
            inputs = IMAGES.astype(stored)
            data = Dataset(inputs, targets)
            before = (inputs.copy(), targets.copy())
            for array in hand_out(data, dtype):
                array[...] = 99
            np.testing.assert_array_equal(inputs, before[0])
            np.testing.assert_array_equal(targets, before[1])


class TestIndexing:
    def test_a_number_gives_one_sample(self, images):
        x, t = images[-1]
        assert x.shape == (4, 3)
        assert x.dtype == np.float32
        assert (t, t.dtype) == (1, np.int64)

    def test_slices_and_rows_give_a_batch(self, images):
        for index in (slice(1, 5, 2), np.array([1, 3]), [1, 3]):
            x, t = images[index]
            np.testing.assert_array_equal(x, images.batch([1, 3])[0])
            assert t.tolist() == [2, 2]

    def test_iterating_gives_every_sample_and_ends(self, images):
        assert [int(t) for _, t in images] == LABELS.tolist()

    @pytest.mark.parametrize("wrong", [6, None, "a", 1.5, LABELS == 0])
    def test_anything_else_is_an_error(self, images, wrong):
        with pytest.raises(DataError, match="Dataset: ind"):
            images[wrong]


def test_arrays_hands_out_all(images):
    x, t = images.arrays(np.float64)
    np.testing.assert_array_equal(x, IMAGES / 255)
    np.testing.assert_array_equal(t, LABELS)


class TestSplit:
    @pytest.mark.parametrize(("first", "count"), [(0.5, 3), (2, 2), (np.int64(5), 5), (0.7, 4)])
    def test_every_sample_is_in_one_part(self, images, first, count):
        parts = images.split(first)
        assert [len(part) for part in parts] == [count, 6 - count]
        together = np.concatenate([part.inputs for part in parts])
        np.testing.assert_array_equal(np.sort(together[:, 0, 0]), np.sort(IMAGES[:, 0, 0]))

    def test_the_seed_decides(self):
        data = Dataset(np.arange(50.0), np.arange(50))
        same, again, other = (data.split(0.5, seed)[0].targets for seed in (3, 3, 4))
        np.testing.assert_array_equal(same, again)
        assert not np.array_equal(same, other)

    def test_without_a_seed_it_cuts_and_copies_nothing(self, images):
        first, rest = images.split(2, seed=None)
        np.testing.assert_array_equal(first.inputs, IMAGES[:2])
        np.testing.assert_array_equal(rest.inputs, IMAGES[2:])
        assert np.shares_memory(first.inputs, images.inputs)

    def test_parts_keep_scale_name_and_classes(self, images):
        for part in images.split(1):
            assert (part.scale, part.name, part.classes) == (1 / 255, "six", 3)


class TestSubset:
    def test_it_has_the_samples_asked_for_in_their_order(self, images):
        subset = images.subset([5, 0, 0])
        np.testing.assert_array_equal(subset.inputs, IMAGES[[5, 0, 0]])
        assert subset.targets.tolist() == [1, 0, 0]
        assert subset.inputs.dtype == np.uint8

    @pytest.mark.parametrize("nothing", [[], slice(3, 3)])
    def test_an_empty_one_is_refused(self, images, nothing):
        with pytest.raises(DataError, match="no samples"):
            images.subset(nothing)


class TestReshape:
    def test_flat_and_back_copies_nothing(self, images):
        flat = images.flatten()
        assert flat.input_shape == (12,)
        back = flat.reshape(1, 4, -1)
        assert back.input_shape == (1, 4, 3)
        assert np.shares_memory(back.inputs, images.inputs)
        assert (back.scale, back.name, back.classes) == (1 / 255, "six", 3)

    def test_single_numbers_become_rows_of_one(self):
        assert Dataset([1.0, 2.0], [0, 1]).flatten().input_shape == (1,)

    def test_another_number_of_values_is_refused(self, images):
        with pytest.raises(
            DataError, match=r"is \(4, 3\), asked for is \(5,\).*\n.*hold 12 values"
        ):
            images.reshape(5)


class TestChecksum:
    def test_it_is_the_sha256_of_count_scale_dtypes_and_bytes(self, images):
        digest = hashlib.sha256(b"(6, " + repr(1 / 255).encode() + b")")
        digest.update(b"|u1" + IMAGES.tobytes() + b"|u1" + LABELS.tobytes())
        assert images.checksum == digest.hexdigest()

    def test_a_given_one_is_believed(self):
        assert Dataset(IMAGES, LABELS, checksum="abc").flatten().checksum == "abc"

    def test_it_tells_contents_apart(self, images):
        others = [
            Dataset(IMAGES + 1, LABELS, scale=1 / 255),
            Dataset(IMAGES, LABELS[::-1], scale=1 / 255),
            Dataset(IMAGES, LABELS),
            Dataset(IMAGES.astype(np.int16), LABELS, scale=1 / 255),
            images.subset(slice(0, 5)),
            images.subset([1, 0, 2, 3, 4, 5]),
        ]
        assert len({images.checksum, *(other.checksum for other in others)}) == 7

    def test_layout_byte_order_name_and_shape_do_not_count(self):
        plain = Dataset(np.arange(24.0).reshape(4, 6), np.arange(4.0))
        swapped = np.asfortranarray(np.arange(24, dtype=">f8").reshape(4, 2, 3))
        assert Dataset(swapped, np.arange(4, dtype=">f8"), name="x").checksum == plain.checksum

    def test_large_arrays_are_hashed_in_pieces(self):
        stored = np.zeros((3, 2**21), np.uint8)
        digest = hashlib.sha256(b"(3, None)|u1" + stored.tobytes() + b"<i8" + bytes(24))
        assert Dataset(stored, np.zeros(3, np.int64)).checksum == digest.hexdigest()
