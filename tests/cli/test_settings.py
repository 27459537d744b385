"""The options of a training name what the library has."""

from __future__ import annotations

from dataclasses import fields
from typing import get_args

from gradatim import nn
from gradatim.cli.recipe import OPTIMIZERS
from gradatim.cli.settings import Activation, Dtype, Optimizer, Sampling, Settings
from gradatim.data import loader


def test_activations_are_those_that_work_element_by_element():
    assert set(get_args(Activation)) == set(nn.NAMES) - {"softmax", "log_softmax"}


def test_optimizers_are_those_that_can_be_made():
    assert get_args(Optimizer) == tuple(OPTIMIZERS)


def test_samplings_are_the_loader_s():
    assert get_args(Sampling) == get_args(loader.Sampling)


def test_dtypes_are_those_of_which_a_network_can_be_made():
    for name in get_args(Dtype):
        assert nn.MLP([2, 1], dtype=name).parameters()[0].dtype == name


def test_every_option_has_a_heading_and_a_sentence():
    for each in fields(Settings):
        assert each.metadata["group"] in ("Data and network", "Learning", "Run")
        assert each.metadata["help"].endswith((".", "]"))
