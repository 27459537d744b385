"""Every primitive has a shape rule, a door and a case row; rules and doors stay in the graph."""

from __future__ import annotations

import ast
import importlib

import pytest

from gradatim import primitives

MAKERS = {"pointwise", "structural", "fused"}
NOT_RULES = {"shape", "dtype", "formulas"}
OUTSIDE_THE_GRAPH = {"np", "numpy"}
RAW_VALUES = {"data", "raw"}


def in_room(sources, *rooms):
    return [source for source in sources.values() if source.room in rooms]


def rows(source):
    """Each primitive that a file makes: its name, the variable that holds it and the call."""
    for node in source.tree.body:
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Call)
            and ast.unparse(node.value.func) in MAKERS | {"effect", "chance"}
        ):
            yield ast.literal_eval(node.value.args[0]), node.targets[0].id, node.value


def used_primitives(source):
    """Names that a file takes from the room of primitives: ``primitives.tanh``, or ``tanh``."""
    taken, homes = set(), set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and node.module in ("gradatim", "gradatim.primitives"):
            homes |= {alias.asname or alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            "gradatim.primitives"
        ):
            taken |= {alias.name for alias in node.names}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value).split(".")[0] in homes:
            taken.add(node.attr)
    return taken


def test_every_row_of_the_files_is_in_the_table(sources):
    written = {name for source in in_room(sources, "primitives") for name, _, _ in rows(source)}

    assert written == primitives.TABLE.keys()


def test_every_primitive_has_a_shape_rule_and_a_dtype_rule():
    faults = [
        primitive.name
        for primitive in primitives.TABLE.values()
        if not (callable(primitive.shape) and callable(primitive.dtype))
    ]

    assert not faults, f"no shape or dtype rule: {faults}"


def test_every_primitive_has_a_door(sources):
    doors = in_room(sources, "autograd", "functions", "optim")
    used = {name for source in doors for name in used_primitives(source)}
    faults = [
        f"{name} ({source.at(call)})"
        for source in in_room(sources, "primitives")
        for name, variable, call in rows(source)
        if variable not in used
    ]

    assert not faults, (
        "no function or operator binds these primitives; give each a door in functions/ or "
        "autograd/:\n" + "\n".join(faults)
    )


def test_every_primitive_has_a_case_row():
    rows_of_cases = importlib.import_module("cases.rows").all_cases()
    missing = sorted(primitives.TABLE.keys() - {case.primitive for case in rows_of_cases})

    assert not missing, f"add a row with primitive=NAME to CASES in tests/cases for: {missing}"


def reached_from(rule, functions):
    """A rule's syntax and that of the room's own functions that it calls, however far."""
    todo, seen = [rule], []
    while todo:
        node = todo.pop()
        if node in seen:
            continue
        seen.append(node)
        called = {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
        todo += [functions[name] for name in called & functions.keys()]
    return seen


def leaves_the_graph(node):
    """Every place in a piece of syntax that touches raw values or NumPy; annotations may."""
    todo = [node]
    while todo:
        here = todo.pop()
        if (isinstance(here, ast.Name) and here.id in OUTSIDE_THE_GRAPH) or (
            isinstance(here, ast.Attribute) and here.attr in RAW_VALUES
        ):
            yield here
        for field, value in ast.iter_fields(here):
            if field not in ("annotation", "returns", "decorator_list"):
                children = value if isinstance(value, list) else [value]
                todo += [child for child in children if isinstance(child, ast.AST)]


def test_rules_stay_in_the_graph(sources):
    room = in_room(sources, "primitives")
    functions = {
        node.name: node
        for source in room
        for node in source.tree.body
        if isinstance(node, ast.FunctionDef)
    }
    faults = []
    for source in room:
        own = {node.name: node for node in source.tree.body if isinstance(node, ast.FunctionDef)}
        for name, _, call in rows(source):
            rules = [word.value for word in call.keywords if word.arg not in NOT_RULES]
            parts = [part for rule in rules for part in reached_from(rule, functions | own)]
            touches = [ast.unparse(touch) for part in parts for touch in leaves_the_graph(part)]
            faults += [f"{source.at(call)}: rule of {name}: {touch}" for touch in touches]

    assert not faults, "write rules in operators and methods only:\n" + "\n".join(faults)


def test_doors_stay_in_the_graph(sources):
    faults = [
        f"{source.at(touch)}: {ast.unparse(touch)}"
        for source in in_room(sources, "functions")
        for touch in leaves_the_graph(source.tree)
    ]

    assert not faults, "a door binds primitives and calls other doors:\n" + "\n".join(faults)


@pytest.mark.parametrize("line", ["y.data", "np.eye(3)", "f(x.raw)", "lambda g, y, x: g * np.pi"])
def test_a_touch_of_raw_values_is_seen(line):
    assert list(leaves_the_graph(ast.parse(line)))


@pytest.mark.parametrize("line", ["data = 1", "x: np.ndarray = y", "def f(x: np.dtype): return x"])
def test_annotations_and_other_names_are_no_touch(line):
    assert not list(leaves_the_graph(ast.parse(line)))


def test_every_rule_takes_what_its_row_names():
    """A rule's letters after g and y are the inputs by name, or a star for any number."""
    faults = []
    for primitive in primitives.TABLE.values():
        for rule in filter(None, primitive.rules):
            code = rule.__code__
            positional = code.co_varnames[: code.co_argcount]
            names = tuple(name for name in primitive.inputs if not name.endswith("*"))
            if positional[: 2 + len(names)] != ("g", "y", *names):
                faults.append(f"{primitive.name}: {positional}")

    assert not faults, "rules take (g, y, *inputs):\n" + "\n".join(faults)


def test_the_public_table_is_the_one_that_the_files_fill():
    assert primitives.TABLE is importlib.import_module("gradatim.primitives.primitive").TABLE
