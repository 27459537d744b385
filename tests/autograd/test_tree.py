"""Walking containers."""

from __future__ import annotations

import numpy as np

import gradatim as gd
from gradatim.autograd.tree import Container, map_leaves, tensors, walk


class Layer(Container):
    def __init__(self, *sizes: float) -> None:
        self.weight = gd.Parameter([*sizes])
        self.name = "a string is no container"
        self.bias = gd.Parameter([0.0])


def test_paths_in_the_order_of_writing() -> None:
    model = {"b": [Layer(1.0), Layer(2.0)], "a": (gd.Tensor(1.0),)}
    assert list(tensors(model)) == [
        "b.0.weight", "b.0.bias", "b.1.weight", "b.1.bias", "a.0",
    ]  # fmt: skip


def test_a_tied_tensor_is_given_once() -> None:
    first, second = Layer(1.0), Layer(2.0)
    second.weight = first.weight
    assert list(tensors([first, second])) == ["0.weight", "0.bias", "1.bias"]


def test_a_container_inside_itself_ends() -> None:
    layer = Layer(1.0)
    layer.me = layer  # type: ignore[attr-defined]
    assert list(tensors(layer)) == ["weight", "bias"]


def test_a_lone_tensor_has_the_empty_path() -> None:
    assert list(tensors(gd.Tensor(1.0))) == [""]


def test_walk_gives_the_outer_before_the_inner() -> None:
    assert [path for path, _ in walk([Layer(1.0)])] == ["", "0", "0.weight", "0.name", "0.bias"]


def test_map_leaves_takes_a_list_of_numbers_as_an_array() -> None:
    got = map_leaves(lambda leaf: np.shape(leaf), {"x": [[1.0, 2.0]], "y": (np.ones(3), 2.0)})
    assert got == {"x": (1, 2), "y": ((3,), ())}


def test_map_leaves_takes_unequal_rows_as_a_container() -> None:
    got = map_leaves(np.shape, ([1.0, 2.0], 3.0))
    assert got == ((2,), ())
