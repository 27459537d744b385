from __future__ import annotations

from collections import Counter
from itertools import chain

import numpy as np
import pytest

from gradatim.book import dataloader
from gradatim.errors import DataError


def served(loader):
    return [sample for batch in loader for sample in batch]


@pytest.mark.parametrize("batch_size", [1, 7, 16, 100, 105])
def test_every_epoch_serves_each_sample_once(batch_size):
    loader = dataloader(range(105), batch_size)
    for _ in range(4):
        assert Counter(served(loader)) == Counter(range(105))


@pytest.mark.parametrize("batch_size", [16, 100])
def test_60000_samples_are_60000_different_ones(batch_size):
    loader = dataloader(range(60000), batch_size)
    assert len(loader) == 60000 // batch_size
    for _ in range(2):
        assert len(set(served(loader))) == 60000


def test_the_last_batch_is_smaller_or_left_out():
    assert [len(batch) for batch in dataloader(range(105), 10)] == [10] * 10 + [5]
    loader = dataloader(range(105), 10, drop_last=True)
    assert [len(batch) for batch in loader] == [10] * 10
    assert (len(loader), len(dataloader(range(105), 10))) == (10, 11)
    assert len(set(served(loader))) == 100


def test_no_sample_is_read_that_is_not_served():
    class Counting:
        reads = 0

        def __len__(self):
            return 105

        def __getitem__(self, i):
            if i >= 105:
                raise IndexError
            self.reads += 1
            return i

    dataset = Counting()
    list(dataloader(dataset, 10, drop_last=True))
    assert dataset.reads == 100


def test_each_epoch_has_another_order_and_a_seed_decides_all_of_them():
    def orders():
        np.random.seed(4)
        loader = dataloader(range(50), 8)
        return [served(loader) for _ in range(3)]

    first = orders()
    assert first == orders()
    assert len({tuple(order) for order in first}) == 3


def test_the_orders_are_those_that_the_notebook_draws():
    np.random.seed(4)
    loader = dataloader(range(50), 8)
    found = [served(loader) for _ in range(3)]
    np.random.seed(4)
    index = np.arange(50)
    for order in found:
        np.random.shuffle(index)
        assert order == index.tolist()


def test_a_loop_that_was_left_early_begins_anew():
    loader = dataloader(range(50), 8)
    for i, _ in enumerate(loader):
        if i == 2:
            break
    assert sorted(served(loader)) == list(range(50))


def test_two_loops_at_once_do_not_disturb_each_other():
    loader = dataloader(range(50), 8)
    first = iter(loader)
    begun = next(first)
    second = list(loader)
    assert sorted(chain(begun, *first)) == sorted(chain(*second)) == list(range(50))


def test_a_batch_by_number_changes_nothing():
    loader = dataloader(range(50), 8)
    batches = [loader[i] for i in range(len(loader))]
    assert sorted(chain.from_iterable(batches)) == list(range(50))
    assert loader[-1] == batches[-1] == loader[len(loader) - 1]
    assert list(loader) == batches


@pytest.mark.parametrize("i", [7, -8])
def test_a_batch_that_is_not_there_is_refused(i):
    with pytest.raises(IndexError, match=f"dataloader: there is no batch {i}; there are 7, from 0"):
        dataloader(range(50), 8)[i]


def test_a_batch_larger_than_the_data_is_told_of():
    told = "dataloader: batch_size is 20, the data set has 10; "
    with pytest.warns(UserWarning, match=f"{told}every batch holds all of them"):
        loader = dataloader(range(10), 20)
    assert [sorted(batch) for batch in loader] == [list(range(10))]
    with pytest.raises(DataError, match=f"{told}with drop_last no batch .*\n  Try batch_size=10"):
        dataloader(range(10), 20, drop_last=True)


def test_an_empty_data_set_is_refused():
    with pytest.raises(DataError, match="dataloader: the data set is empty"):
        dataloader([], 4)


@pytest.mark.parametrize("size", [0, -3])
def test_a_batch_holds_one_sample_or_more(size):
    with pytest.raises(DataError, match=f"batch_size is {size}; it must be 1 or more"):
        dataloader(range(10), size)


@pytest.mark.parametrize("size", [2.5, True, "4"])
def test_a_batch_size_is_an_integer(size):
    with pytest.raises(DataError, match=f"dataloader: batch_size is {size!r}; it must be an int"):
        dataloader(range(10), size)


def test_samples_are_asked_for_together_where_the_data_can():
    class Together(list):
        def samples_at(self, positions):
            return [self[i] * 10 for i in positions]

    loader = dataloader(Together(range(5)), 2)
    assert sorted(served(loader)) == [0, 10, 20, 30, 40]
