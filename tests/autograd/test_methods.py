"""The methods of a Tensor are declared with the signatures of the functions that fill them in."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import numpy as np
import pytest

import gradatim as gd
from gradatim.autograd import methods
from gradatim.autograd.numpy_call import DOORS

TREE = ast.parse(Path(methods.__file__).read_text(encoding="utf-8"))
DECLARED = {node.name: node for node in ast.walk(TREE) if isinstance(node, ast.FunctionDef)}
FOR_RULES = {"recurrence", "positions", "embed_diagonal", "index", "index_add", "add_along_axis"}


def attached():
    """Every function that Tensor has got beyond what its own class statement holds."""
    own = inspect.getsource(gd.Tensor)
    return {
        name
        for name, value in vars(gd.Tensor).items()
        if inspect.isfunction(value) and f"def {name}(" not in own
    }


def defaults(arguments):
    """Default of each argument as written, by name."""
    both = arguments.posonlyargs + arguments.args
    given = dict(zip([a.arg for a in reversed(both)], reversed(arguments.defaults)))
    given |= dict(zip([a.arg for a in arguments.kwonlyargs], arguments.kw_defaults))
    return {name: ast.literal_eval(value) for name, value in given.items() if value is not None}


def test_every_method_that_is_attached_is_declared():
    assert attached() - DECLARED.keys() == set()


def test_every_method_that_is_declared_is_attached():
    assert {name for name in DECLARED if not hasattr(gd.Tensor, name)} == set()


@pytest.mark.parametrize("name", sorted(n for n in DECLARED if not n.startswith("__")))
def test_a_declaration_has_the_names_and_defaults_of_the_function(name):
    declared = DECLARED[name].args
    parameters = list(inspect.signature(getattr(gd.Tensor, name)).parameters.values())[1:]
    positional = inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD

    assert [a.arg for a in declared.posonlyargs + declared.args][1:] == [
        p.name for p in parameters if p.kind in positional
    ]
    assert [a.arg for a in declared.kwonlyargs] == [
        p.name for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY
    ]
    assert defaults(declared) == {
        p.name: p.default for p in parameters if p.default is not inspect.Parameter.empty
    }


def test_methods_for_rules_are_not_public_functions():
    assert not FOR_RULES & set(gd.__all__)
    assert all(name in DECLARED for name in FOR_RULES)


NOT_OURS = (
    "base byteswap choose conj conjugate ctypes copy data device dump dumps fill flags flat",
    "getfield imag itemsize put real resize setfield setflags searchsorted strides to_device",
    "tobytes tofile view argpartition partition",
)


def test_a_method_of_an_array_is_one_of_a_tensor():
    """All but those that belong to memory, to complex numbers, or that write in place."""
    ours = {name for name in dir(np.ndarray) if not name.startswith("_")}
    ours -= {name for line in NOT_OURS for name in line.split()}

    assert {name for name in ours if not hasattr(gd.Tensor, name)} == set()


def numpy_parameters(function):
    try:
        return list(inspect.signature(function).parameters)
    except ValueError:
        return []


@pytest.mark.parametrize(
    "function", [f for f in DOORS if numpy_parameters(f)], ids=lambda f: f.__name__
)
def test_a_door_takes_numpys_keywords(function):
    """Those that it takes have NumPy's names and NumPy's order."""
    theirs = numpy_parameters(function)
    ours = list(inspect.signature(DOORS[function]).parameters)
    shared = [name for name in ours if name in theirs]

    assert shared == [name for name in theirs if name in shared]
    assert {"axis", "keepdims", "ddof"} & set(ours) <= set(theirs)


@pytest.mark.parametrize("name", ["sum", "mean", "prod", "max", "cumsum", "var", "std"])
def test_numpys_function_may_name_no_output(name):
    x = gd.Tensor([1.0, 2.0], requires_grad=True)

    assert getattr(np, name)(x, axis=0, out=None).requires_grad


@pytest.mark.parametrize(
    ("call", "keyword"),
    [
        (lambda x: np.sum(x, initial=1.0), "initial"),
        (lambda x: np.sum(x, where=[True, False]), "where"),
        (lambda x: np.add(x, 1.0, out=np.zeros(2)), "out"),
    ],
)
def test_what_would_lose_the_history_is_refused(call, keyword):
    with pytest.raises(gd.errors.DtypeError, match=f"{keyword}= cannot be used with a Tensor"):
        call(gd.Tensor([1.0, 2.0]))
