"""Rooms import lower levels only, files import in one direction, and both stay small."""

from __future__ import annotations

import ast
import io
import tokenize

import pytest

LEVELS = {
    "errors": 0,
    "types": 0,
    "atomic": 1,
    "cache": 1,
    "chance": 1,
    "opening": 1,
    "threads": 1,
    "backend": 1,
    "native": 2,
    "primitives": 2,
    "autograd": 3,
    "functions": 4,
    "nn": 5,
    "optim": 5,
    "data": 5,
    "compiler": 5,
    "check": 5,
    "derivation": 5,
    "store": 5,
    "train": 6,
    "draw": 6,
    "book": 6,
    "interop": 7,
    "notebooks": 7,
    "lab": 8,
    "cli": 9,
    "__init__": 10,  # the front door shows every room and is imported by none
    "__main__": 11,
}
OPENING = {"gradatim", "gradatim.cli.app", "gradatim.draw", "gradatim.opening"}
"""Who opens what is asked for, instead of all at the top: three doors, and what they do it with."""
VAGUE_NAMES = {"util", "utils", "helper", "helpers", "common", "misc", "base", "core"}
MOST_LINES_IN_A_FILE = 350
MOST_LINES_IN_A_FUNCTION = 40


def imports(source, sources):
    """Each gradatim module that a file imports, wherever in the file, with the statement."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            below = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in sources else node.module for name in below]
        else:
            continue
        for name in dict.fromkeys(names):
            if name.partition(".")[0] == "gradatim":
                yield name, node


def room_of(module):
    return module.split(".")[1] if "." in module else "__init__"


def is_allowed(room, other):
    return room == other or LEVELS[other] < LEVELS[room]


def test_every_room_has_a_level(sources):
    unknown = {source.room for source in sources.values()} - LEVELS.keys()

    assert not unknown, f"rooms without a level: give {sorted(unknown)} one in {__file__}"


def test_imports_lead_to_lower_levels(source, sources):
    room = source.room
    faults = [
        f"{source.at(node)}: {room} (L{LEVELS[room]}) imports {name} (L{LEVELS[room_of(name)]})"
        for name, node in imports(source, sources)
        if not is_allowed(room, room_of(name))
    ]

    assert not faults, "a room imports lower levels only:\n" + "\n".join(faults)


def test_imports_name_modules_that_exist(source, sources):
    faults = [
        f"{source.at(node)}: {name}"
        for name, node in imports(source, sources)
        if name not in sources
    ]

    assert not faults, "no such module of gradatim:\n" + "\n".join(faults)


def test_imports_are_absolute(source):
    faults = [
        source.at(node)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom) and node.level
    ]

    assert not faults, "write `from gradatim.room.file import name`:\n" + "\n".join(faults)


def test_own_modules_are_imported_at_the_top(source, sources):
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    inside = {
        node
        for function in ast.walk(source.tree)
        if isinstance(function, functions)
        for node in ast.walk(function)
    }
    late = [node for _, node in imports(source, sources) if node in inside]
    if source.module not in OPENING:
        late += [node for node in ast.walk(source.tree) if is_hidden_import(node)]
        late += [node for name, node in imports(source, sources) if name == "gradatim.opening"]
    faults = [source.at(node) for node in late]

    assert not faults, "only packages of others are imported late:\n" + "\n".join(faults)


def is_hidden_import(node):
    """Whether a call imports one of our modules by its name, or by one that is made up there."""
    if not (isinstance(node, ast.Call) and node.args):
        return False
    called = ast.unparse(node.func).rpartition(".")[2]
    named = node.args[0].value if isinstance(node.args[0], ast.Constant) else "gradatim"
    return called in {"import_module", "__import__"} and str(named).startswith(("gradatim", "."))


@pytest.mark.parametrize(
    ("call", "hidden"),
    [
        ("import_module('gradatim.draw')", True),
        ("importlib.import_module(f'gradatim.{room}')", True),
        ("__import__(name)", True),
        ("import_module('_signal')", False),
        ("print('gradatim')", False),
    ],
)
def test_a_hidden_import_is_found(call, hidden):
    assert is_hidden_import(ast.parse(call).body[0].value) is hidden


def test_files_import_in_no_circle(sources):
    graph = {
        module: sorted({name for name, _ in imports(source, sources) if name in sources})
        for module, source in sources.items()
    }
    circle = find_circle(graph)

    assert not circle, "these files import each other: " + " -> ".join(circle)


def find_circle(graph):
    """The first circle of a graph given as lists of neighbours, or nothing."""
    done = set()

    def walk(node, path):
        if node in path:
            return [*path[path.index(node) :], node]
        if node in done:
            return []
        found = next(filter(None, (walk(other, [*path, node]) for other in graph[node])), [])
        done.add(node)
        return found

    return next(filter(None, (walk(node, []) for node in graph)), [])


def test_a_circle_is_found_whatever_its_length():
    assert find_circle({"a": ["b"], "b": ["c"], "c": []}) == []
    assert find_circle({"a": ["a"]}) == ["a", "a"]
    assert find_circle({"a": ["b"], "b": ["c"], "c": ["b"]}) == ["b", "c", "b"]


def test_every_folder_of_code_is_a_package(sources):
    folders = {source.path.parent for source in sources.values()}
    faults = [str(folder) for folder in folders if not (folder / "__init__.py").exists()]

    assert not faults, f"folders without __init__.py: {faults}"


def test_a_name_says_what_a_file_holds(source):
    names = set(source.module.split("."))

    assert not names & VAGUE_NAMES, f"{source.path}: name the file after what is in it"


def code_lines(source):
    """Numbers of the lines that hold code: not blank, not comment, not docstring."""
    silent = {
        tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
        tokenize.ENCODING, tokenize.ENDMARKER,
    }  # fmt: skip
    lines = set()
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type not in silent:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Expr) and isinstance(getattr(node.value, "value", None), str):
            lines.difference_update(range(node.lineno, node.end_lineno + 1))
    return lines


def test_a_file_is_short(source):
    count = len(code_lines(source))

    assert count <= MOST_LINES_IN_A_FILE, (
        f"{source.path}: {count} code lines; at most {MOST_LINES_IN_A_FILE}: split it in two nouns"
    )


def test_a_function_is_short(source):
    lines = code_lines(source)
    faults = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            count = sum(node.lineno <= line <= node.end_lineno for line in lines)
            if count > MOST_LINES_IN_A_FUNCTION:
                faults.append(f"{source.at(node)}: {node.name} has {count} code lines")

    assert not faults, f"at most {MOST_LINES_IN_A_FUNCTION} lines a function:\n" + "\n".join(faults)
