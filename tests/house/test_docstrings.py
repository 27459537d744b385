"""Everything public is documented in numpydoc's form, and its examples run."""

from __future__ import annotations

import ast
import builtins
import doctest
import importlib
import inspect
import re

import pytest

HEADING = re.compile(r"^([A-Z][A-Za-z ]+)\n-{3,}$", re.MULTILINE)
PARAMETER = re.compile(r"^(\*{0,2}\w+(?:, \*{0,2}\w+)*)(?: : .+)?$", re.MULTILINE)
EXCEPTION = re.compile(r"^([\w.]+(?:, [\w.]+)*)$", re.MULTILINE)
NOTHING = {None, "None", "NoReturn", "Iterator[None]", inspect.Signature.empty}


def sections(docstring):
    """The text under each heading; under "" what stands before the first one."""
    pieces = HEADING.split(docstring)
    return {"": pieces[0], **dict(zip(pieces[1::2], pieces[2::2], strict=True))}


def names_in(pattern, text):
    """The names that head the entries of a section, without stars."""
    return [name.lstrip("*") for group in pattern.findall(text or "") for name in group.split(", ")]


def parameters_of(function, *, skip_first=False):
    try:
        return list(inspect.signature(function).parameters)[skip_first:]
    except (TypeError, ValueError):
        return []


def summary_faults(docstring):
    if not docstring:
        yield "has no docstring"
    elif not docstring.split("\n\n")[0].split("\n")[0].endswith("."):
        yield "its first line is not one sentence that ends with a period"


def parameter_faults(parts, expected):
    documented = names_in(PARAMETER, parts.get("Parameters"))
    documented += names_in(PARAMETER, parts.get("Other Parameters"))
    if documented != expected:
        yield f"documents the parameters {documented}; its signature has {expected}"


def raises_faults(parts):
    errors = importlib.import_module("gradatim.errors")
    for name in names_in(EXCEPTION, parts.get("Raises")):
        if not (hasattr(errors, name) or hasattr(builtins, name)):
            yield f"raises {name}, which is neither in gradatim.errors nor in Python"


def function_faults(function):
    docstring = inspect.getdoc(function) or ""
    parts = sections(docstring)
    yield from summary_faults(docstring)
    yield from parameter_faults(parts, parameters_of(function))
    yield from raises_faults(parts)
    if inspect.signature(function).return_annotation not in NOTHING and not (
        {"Returns", "Yields"} & parts.keys()
    ):
        yield "has no section Returns"
    if ">>>" not in parts.get("Examples", ""):
        yield "has no section Examples with a line that begins with >>>"


def own_docstring(cls):
    return inspect.cleandoc(vars(cls).get("__doc__") or "")


def documented_names(cls, section):
    return names_in(PARAMETER, sections(own_docstring(cls)).get(section))


def class_faults(cls):
    docstring = own_docstring(cls)
    parts = sections(docstring)
    yield from summary_faults(docstring)
    yield from raises_faults(parts)
    if issubclass(cls, Exception):
        return
    # The parameters of a dataclass may be documented as the attributes that they become.
    elsewhere = set(documented_names(cls, "Attributes")) - set(documented_names(cls, "Parameters"))
    yield from parameter_faults(parts, [p for p in parameters_of(cls) if p not in elsewhere])


def method_faults(cls, name, member, doors):
    """A method is documented once: here, in the ancestor it overrides or at its door."""
    function = getattr(member, "__func__", member)
    docstring = inspect.getdoc(getattr(cls, name)) or ""
    parts = sections(docstring)
    yield from summary_faults(docstring)
    yield from raises_faults(parts)
    if not inspect.isroutine(function) or name in doors or overrides(cls, name):
        return
    expected = parameters_of(function, skip_first=not isinstance(member, staticmethod))
    if "Parameters" in parts:
        yield from parameter_faults(parts, expected)
    else:
        silent = [each for each in expected if not re.search(rf"\b{each}\b", docstring)]
        if silent:
            yield f"says nothing of its parameters {silent}"


def overrides(cls, name):
    return name in vars(cls) and any(name in vars(ancestor) for ancestor in cls.__mro__[1:])


def slot_faults(cls, name):
    if name not in parameters_of(cls) + documented_names(cls, "Attributes"):
        yield "is a slot that its class does not document under Attributes"


def faults_of(path, value, listing, doors):
    """Every fault of one public name, with where it is."""
    if listing.is_class(value):
        yield from (f"{path} {fault}" for fault in class_faults(value))
        for name, member in listing.public_members(value).items():
            is_slot = inspect.ismemberdescriptor(member)
            found = (
                slot_faults(value, name) if is_slot else method_faults(value, name, member, doors)
            )
            yield from (f"{path}.{name} {fault}" for fault in found)
    elif inspect.isfunction(value):
        yield from (f"{path} {fault}" for fault in function_faults(value))


def test_public_names_are_documented(room, listing):
    doors = vars(importlib.import_module("gradatim"))
    faults = [
        fault
        for name, value in listing.public_objects(room).items()
        if getattr(value, "__module__", "").startswith("gradatim")
        for fault in faults_of(f"{room}.{name}", value, listing, doors)
    ]

    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


def test_a_file_says_what_it_holds(source):
    faults = list(summary_faults(ast.get_docstring(source.tree) or ""))

    assert not faults, f"{source.module} {faults[0]}"


def test_examples_give_what_they_show(source, monkeypatch, tmp_path):
    module = importlib.import_module(source.module)
    monkeypatch.chdir(tmp_path)
    output = []
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    runner = doctest.DocTestRunner(verbose=False, optionflags=options)
    for test in doctest.DocTestFinder().find(module, source.module):
        runner.run(test, out=output.append)

    if runner.failures:
        pytest.fail("".join(output), pytrace=False)


def documented(a, *rest, axis=None) -> int:
    """Do something to an array.

    Parameters
    ----------
    a : Tensor of any shape, float
        What it is done to.
    *rest
        More of it.
    axis : int, optional
        Where.

    Returns
    -------
    int
        How many.

    Raises
    ------
    ShapeError, ValueError
        Never.

    Examples
    --------
    >>> documented(1)
    """
    raise NotImplementedError


def test_a_complete_docstring_has_no_faults():
    assert list(function_faults(documented)) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("an array.", "an array", "ends with a period"),
        ("axis :", "axes :", "documents the parameters ['a', 'rest', 'axes']"),
        ("ShapeError", "SizeError", "raises SizeError"),
        ("Returns\n-------", "", "no section Returns"),
        (">>> ", "", "no section Examples"),
    ],
)
def test_each_part_of_a_docstring_is_asked_for(old, new, fault, monkeypatch):
    changed = inspect.getdoc(documented).replace(old, new)
    monkeypatch.setattr(documented, "__doc__", changed)

    assert any(fault in found for found in function_faults(documented))
