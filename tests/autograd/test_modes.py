"""The switches: tape, phase, listeners."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradatim as gd
from gradatim.autograd import modes


class TestNoGrad:
    def test_remembers_nothing_inside(self) -> None:
        x = gd.Tensor(1.0, requires_grad=True)
        with gd.no_grad():
            assert not (x * 2).requires_grad
        assert (x * 2).requires_grad

    def test_nests(self) -> None:
        x = gd.Tensor(1.0, requires_grad=True)
        with gd.no_grad():
            with gd.no_grad():
                pass
            assert not (x * 2).requires_grad

    def test_ends_with_an_error(self) -> None:
        with pytest.raises(ZeroDivisionError), gd.no_grad():
            _ = 1 / 0
        assert (gd.Tensor(1.0, requires_grad=True) * 2).requires_grad

    def test_decorates(self) -> None:
        @gd.no_grad()
        def double(x: gd.Tensor) -> gd.Tensor:
            return x * 2

        assert not double(gd.Tensor(1.0, requires_grad=True)).requires_grad


class TestListen:
    def test_sees_what_runs(self) -> None:
        seen: list[tuple[str, tuple[Any, ...], dict[str, Any], Any]] = []
        with gd.listen(lambda *note: seen.append((note[0].name, *note[1:]))):
            x = gd.Tensor([1.0, 2.0])
            y = x.sum(axis=0)
        ((name, inputs, settings, output),) = seen
        assert (name, inputs[0], settings, output) == (
            "sum", x, {"axis": 0, "keepdims": False}, y
        )  # fmt: skip
        assert inputs[0] is x
        assert output is y

    def test_sees_backward_and_the_update(self) -> None:
        phases: list[tuple[str, str]] = []
        p = gd.Parameter([1.0, 2.0])
        optimizer = gd.optim.SGD([p], lr=0.1)
        with gd.listen(
            lambda primitive, *_: phases.append((modes.current().phase, primitive.name))
        ):
            loss = (p * p).sum()
            loss.backward()
            optimizer.step()
        names = dict.fromkeys(phase for phase, _ in phases)
        assert list(names) == ["forward", "backward", "update"]
        assert ("backward", "multiply") in phases

    def test_changes_no_number(self) -> None:
        def gradient() -> np.ndarray:
            x = gd.Tensor([0.3, -0.7, 0.0], requires_grad=True)
            (gd.relu(x) * gd.sin(x) + gd.maximum(x, 0.0)).sum().backward()
            assert x.grad is not None
            return x.grad.numpy()

        quiet = gradient()
        with gd.listen(lambda *_: None):
            np.testing.assert_array_equal(gradient(), quiet)

    def test_stops_at_the_end(self) -> None:
        seen: list[str] = []
        with gd.listen(lambda primitive, *_: seen.append(primitive.name)):
            pass
        gd.Tensor(1.0) * 2
        assert seen == []
