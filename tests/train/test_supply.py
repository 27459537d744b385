"""Datasets as what compiled programs take their batches from."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.data import Dataset
from gradatim.errors import RecordingError
from gradatim.train.supply import is_sparse, supply_of

F4 = np.dtype("f4")


@pytest.mark.parametrize(
    ("scale", "factor", "divisor"), [(None, 1.0, None), (1 / 255, 1.0, 255), (0.3, 0.3, None)]
)
def test_scales_are_what_the_dataset_does(scale, factor, divisor):
    data = Dataset(np.arange(6, dtype=np.uint8).reshape(3, 2), [0, 1, 1], scale=scale)
    supply = supply_of(data, F4)
    inputs, targets = supply.sources
    assert (inputs.factor, inputs.divisor) == (factor, divisor)
    assert (targets.factor, targets.divisor) == (1.0, None)
    assert np.shares_memory(inputs.array, data.inputs)
    for mine, theirs in zip(supply.gather(np.array([2, 0])), data.batch([2, 0])):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize(
    ("inputs", "readable"),
    [
        (np.zeros((3, 2), np.uint8), True),
        (np.zeros((3, 2), "f8"), True),
        (np.zeros((3, 2), ">f4"), False),
        (np.zeros((3, 2), bool), False),
        (np.zeros((6, 2), "f4")[::2], False),
    ],
)
def test_what_machine_code_cannot_read_numpy_gathers(inputs, readable):
    supply = supply_of(Dataset(inputs, np.array([0, 1, 1])), F4)
    assert supply.is_readable() is readable


@pytest.mark.parametrize(
    ("share", "sparse"), [(0.0, True), (0.28, True), (0.4, False), (1.0, False)]
)
def test_data_of_mostly_zeros_is_told_by_samples_all_over_it(share, sparse):
    inputs = (np.random.default_rng(0).random((5000, 30)) < share).astype("u1")
    inputs[:200] = sparse  # the first ones tell the contrary
    assert is_sparse(inputs) is sparse
    images, labels = supply_of(Dataset(inputs, np.zeros(5000, int)), F4).sources
    assert images.is_sparse is sparse
    assert not labels.is_sparse


def test_a_dataset_that_makes_its_batches_itself_is_refused():
    class Noisy(Dataset):
        def batch(self, indices, dtype=np.float32):
            x, t = super().batch(indices, dtype)
            return x + 1, t

    with pytest.raises(RecordingError, match="Noisy makes its batches itself") as caught:
        supply_of(Noisy(np.ones((3, 2)), [0, 1, 1]), F4)
    assert "Try to prepare the data beforehand" in str(caught.value)
