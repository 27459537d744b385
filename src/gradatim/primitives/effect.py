"""Primitives that write into their first input: how parameters and optimizer state change."""

from __future__ import annotations

from typing import Any

from gradatim.primitives.index import fill, spelt
from gradatim.primitives.primitive import effect


def _assign(target: Any, value: Any) -> Any:
    target[...] = value
    return target


def _add_into(target: Any, value: Any) -> Any:
    target += value
    return target


def _subtract_from(target: Any, value: Any) -> Any:
    target -= value
    return target


def _put(target: Any, value: Any, *arrays: Any, key: tuple[Any, ...]) -> Any:
    target[fill(key, arrays)] = value
    return target


assign = effect(
    "assign",
    _assign,
    "{target}[...] = {value}",
    "target",
    "value",
    formulas={"y": "broadcast_to(value, target.shape)"},
)
add_into = effect(
    "add_into",
    _add_into,
    "{target} += {value}",
    "target",
    "value",
    formulas={"y": "target + value"},
)
subtract_from = effect(
    "subtract_from",
    _subtract_from,
    "{target} -= {value}",
    "target",
    "value",
    formulas={"y": "target - value"},
)
put = effect(
    "put",
    _put,
    "{target}[{key}] = {value}",
    "target",
    "value",
    "positions_",
    formulas={"y": lambda key: f"target.at[{spelt(key)}].set(value)"},
)
