"""The formula of every value and of every rule gives the numbers of its row, read as Python."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from cases.rows import all_cases, every_case
from cases.trial import tracked, weights
from gradatim.autograd import listen
from gradatim.autograd.pull import fit
from gradatim.derivation import flow_of
from gradatim.derivation.expression import input_names, value_expression
from gradatim.derivation.tracing import rule_expression
from gradatim.primitives import TABLE


class Written:
    """An array with ``x.at[key].add(v)`` and ``x.at[key].set(v)``: a copy with v there."""

    def __init__(self, array):
        self.array, self.shape = array, array.shape

    @property
    def at(self):
        return self

    def __getitem__(self, key):
        self.key = key
        return self

    def set(self, value):
        result = self.array.copy()
        result[self.key] = value
        return result

    def add(self, value):
        result = self.array.copy()
        np.add.at(result, self.key, value)
        return result


def others(x, axis):
    """The product of all others along an axis, for each element."""
    rows = np.moveaxis(x, axis, 0)
    kept = [np.prod(np.delete(rows, i, 0), axis=0) for i in range(len(rows))]
    return np.moveaxis(np.array(kept).reshape(rows.shape), 0, axis)


def before(x, axis):
    """The product of all that comes before each element along an axis."""
    rows = np.moveaxis(x, axis, 0)
    kept = [np.prod(rows[:i], axis=0) for i in range(len(rows))]
    return np.moveaxis(np.array(kept).reshape(rows.shape), 0, axis)


def one_hot(t, classes):
    return np.eye(classes)[t]


def softmax(x, axis=-1):
    return np.exp(x) / np.sum(np.exp(x), axis=axis, keepdims=True)


WORDS = {
    **{name: primitive.forward for name, primitive in TABLE.items()},
    **{name: getattr(np, name) for name in dir(np) if not name.startswith("_")},
    **{name: getattr(np.linalg, name) for name in ("inv", "solve", "det", "pinv", "slogdet", "qr")},
    "cholesky": np.linalg.cholesky,
    "zeros": lambda shape: Written(np.zeros(shape)),
    "one_hot": one_hot,
    "softmax": softmax,
    "others": others,
    "before": before,
}


def assert_gives(expression, names, expected, called):
    text = ast.unparse(expression)
    with np.errstate(all="ignore"):
        found = eval(text, WORDS, names)

    scale = max(1.0, float(np.max(np.abs(expected), initial=0.0)))
    np.testing.assert_allclose(
        fit(np.asarray(found), expected),
        expected,
        1e-11,
        1e-12 * scale,
        err_msg=f"{called}: {text}",
    )


def calls_of(case):
    """Every primitive that runs in the door."""
    calls = []
    with listen(lambda *call: calls.append(call)), np.errstate(all="ignore"):
        for sample in case.samples or case.kinks:
            case.door(*sample.inputs, **sample.settings)
    return calls


def parts_of(case):
    """Every part of every gradient of a row, with the gradient that arrived at its result."""
    with np.errstate(all="ignore"):
        outputs = [y for sample in case.samples for y in tracked(case, sample)[1]]
        for y, w in zip(outputs, weights(outputs)):
            if w is not None and y.requires_grad:
                flow = flow_of(y, np.array(w))
                yield from ((part, flow.gradients[part.result]) for part in flow.parts)


OWN = [case for case in all_cases() if case.primitive is not None]


@every_case(lambda case: case in OWN)
def test_the_formula_of_a_value_gives_the_value(case):
    for primitive, inputs, settings, output in calls_of(case):
        expression = value_expression(primitive, len(inputs), settings)
        names = dict(zip(input_names(primitive, len(inputs)), (x.raw for x in inputs)))
        if primitive.kind == "effect":  # it has written already
            assert {"target", "value"} & names_in(expression)
        elif primitive.kind != "chance":
            assert_gives(expression, names, output.raw, primitive.name)


@every_case(lambda case: case in OWN and bool(case.wrt))
def test_the_formula_of_a_rule_gives_the_gradient(case):
    for part, g in parts_of(case):
        primitive, inputs, settings = part.result.origin
        raws = [x.raw for x in inputs]
        y = part.result.raw
        expression = rule_expression(primitive, part.position, g, y, raws, settings)
        names = dict(zip(input_names(primitive, len(inputs)), raws))
        assert expression is not None, primitive.name
        assert_gives(expression, {**names, "g": g, "y": y}, part.gradient, primitive.name)


def names_in(expression):
    return {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}


@pytest.fixture(scope="module")
def formulas_met():
    """Primitives whose value, and inputs whose rule, some row has a formula for."""
    met = set()
    for case in OWN:
        met |= {call[0].name for call in calls_of(case)}
        for part, _ in parts_of(case) if case.wrt else ():
            position = min(part.position, len(part.primitive.inputs) - 1)
            met.add((part.primitive.name, position))
    return met


def test_every_value_and_every_rule_of_the_table_is_met(formulas_met):
    values = set(TABLE)
    rules = {(p.name, i) for p in TABLE.values() for i, rule in enumerate(p.rules) if rule}

    assert not sorted(map(str, (values | rules) - formulas_met))
