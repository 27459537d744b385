"""Labels that cannot be learned."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.data import Dataset, moons
from gradatim.train import labels


@pytest.fixture
def many():
    return moons(400)


def only(findings):
    (found,) = findings
    return found


def test_constant_labels():
    found = only(labels.constant(Dataset(np.zeros((3, 2)), [4, 4, 4])))

    assert found.name == "labels constant"
    assert "all 3 targets are 4" in found.evidence


def test_constant_values():
    assert list(labels.constant(Dataset(np.zeros((3, 1)), [[0.5, 1.0]] * 3)))


@pytest.mark.parametrize("targets", [[0, 1, 1], [0.5, 0.5, 0.25], [7]])
def test_others_are_not_constant(targets):
    assert not list(labels.constant(Dataset(np.zeros((len(targets), 1)), targets)))


def test_sorted_data_cut_in_two():
    data = Dataset(np.zeros((30, 1)), np.repeat(np.arange(10), 3))
    found = only(labels.missing(*data.split(0.8, seed=None)))

    assert found.name == "labels out of order"
    assert "2 of the 2 classes in the validation data (8, 9)" in found.evidence
    assert "split(0.8, seed=0)" in found.fix


def test_data_that_were_shuffled_before():
    data = Dataset(np.zeros((300, 1)), np.repeat(np.arange(3), 100))

    assert not list(labels.missing(*data.split(0.8)))
    assert not list(labels.missing(data, None))


def test_values_have_no_classes():
    data = Dataset(np.zeros((4, 1)), np.array([0.0, 1.0, 2.0, 3.0]))

    assert not list(labels.missing(*data.split(0.5, seed=None)))


def test_labels_that_were_shuffled_without_their_inputs(many):
    order = np.random.default_rng(0).permutation(400)
    found = only(labels.unrelated(Dataset(many.inputs, many.targets[order]), 0.53, 9))

    assert (found.name, found.step) == ("labels out of order", 9)
    assert "53.0% are right" in found.evidence
    assert "the most similar sample has the same label in" in found.evidence


def test_labels_that_belong_to_their_inputs(many):
    assert not list(labels.unrelated(many, 0.53, 9))


def test_a_network_that_learns_refutes_it(many):
    order = np.random.default_rng(0).permutation(400)

    assert not list(labels.unrelated(Dataset(many.inputs, many.targets[order]), 0.7, 9))


def test_few_samples_or_one_large_class_prove_nothing(many):
    random = np.random.default_rng(0)
    rare = (random.random(400) < 0.02).astype(int)

    assert not list(labels.unrelated(Dataset(many.inputs, rare), rare.mean(), 9))
    assert not list(labels.unrelated(Dataset(random.random((50, 2)), np.arange(50) % 2), 0.5, 9))
