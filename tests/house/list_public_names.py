"""List every public name of gradatim with its signature, one a line.

Run it to see the list, or with ``--write`` to store it in public_names.txt beside this file.
"""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

PACKAGE = Path(__file__).parents[2] / "src" / "gradatim"
STORED = Path(__file__).with_name("public_names.txt")


def rooms() -> list[str]:
    """The front door, then every file and folder of code directly under the package."""
    children = [
        path.stem
        for path in PACKAGE.iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").exists())
        and path.stem not in {"__init__", "__main__"}
    ]
    return ["gradatim", *(f"gradatim.{name}" for name in sorted(children))]


def public_objects(room: str) -> dict[str, Any]:
    """What a room offers by name: its ``__all__``, or for a room of one file what it defines."""
    module = importlib.import_module(room)
    names = getattr(module, "__all__", None)
    if names is None:
        names = defined_names(module)
    return {name: getattr(module, name) for name in names}


def defined_names(module: ModuleType) -> list[str]:
    """Names without an underscore that the text of a file defines at its top level."""
    if module.__file__ is None:
        return []
    names: list[str] = []
    for node in ast.parse(Path(module.__file__).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names += [target.id for target in targets if isinstance(target, ast.Name)]
    return [name for name in names if not name.startswith("_")]


@functools.cache
def public_classes() -> frozenset[type]:
    """Every class that some room offers by name."""
    values = [value for room in rooms() for value in public_objects(room).values()]
    return frozenset(value for value in values if is_class(value))


def is_class(value: Any) -> bool:
    """Whether a value is a class, and not an alias such as ``list[int]``."""
    return inspect.isclass(value) and not hasattr(value, "__origin__")


def public_members(cls: type) -> dict[str, Any]:
    """Methods, properties and slots without an underscore, those of unlisted ancestors included."""
    members: dict[str, Any] = {}
    for ancestor in reversed(cls.__mro__):
        own = ancestor.__module__.startswith("gradatim")
        if ancestor is cls or (own and ancestor not in public_classes()):
            members.update(vars(ancestor))
    kinds = (staticmethod, classmethod, property)
    return {
        name: member
        for name, member in sorted(members.items())
        if not name.startswith("_")
        and (inspect.isroutine(member) or inspect.isdatadescriptor(member) or type(member) in kinds)
    }


def annotation_text(annotation: Any) -> str:
    """An annotation as it is written in the source."""
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


def default_text(default: Any) -> str:
    """A default value, without addresses."""
    if callable(default) and hasattr(default, "__qualname__"):
        return str(default.__qualname__)
    return re.sub(r" at 0x[0-9a-fA-F]+", "", repr(default))


def signature_text(function: Any, *, skip_first: bool = False) -> str:
    """``(x: Tensor, *, axis: Axis = None) -> Tensor`` of anything that can be called."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return "(...)"
    parameters = list(signature.parameters.values())[skip_first:]
    parts: list[str] = []
    for index, parameter in enumerate(parameters):
        if parameter.kind is parameter.KEYWORD_ONLY and not any(
            earlier.kind in (earlier.VAR_POSITIONAL, earlier.KEYWORD_ONLY)
            for earlier in parameters[:index]
        ):
            parts.append("*")
        parts.append(parameter_text(parameter))
        following = parameters[index + 1 : index + 2]
        if parameter.kind is parameter.POSITIONAL_ONLY and (
            not following or following[0].kind is not parameter.POSITIONAL_ONLY
        ):
            parts.append("/")
    text = f"({', '.join(parts)})"
    if signature.return_annotation is not signature.empty and not inspect.isclass(function):
        text += f" -> {annotation_text(signature.return_annotation)}"
    return text


def parameter_text(parameter: inspect.Parameter) -> str:
    """One parameter with its annotation and default."""
    stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}
    text = stars.get(parameter.kind, "") + parameter.name
    if parameter.annotation is not parameter.empty:
        text += f": {annotation_text(parameter.annotation)}"
    if parameter.default is not parameter.empty:
        text += f" = {default_text(parameter.default)}"
    return text


def describe(path: str, value: Any) -> Iterator[str]:
    """The lines of one public name: itself, and the members of a class."""
    if is_class(value):
        yield path + signature_text(value)
        for name, member in public_members(value).items():
            yield describe_member(f"{path}.{name}", member)
    elif inspect.isroutine(value):
        yield path + signature_text(value)
    else:
        yield path


def describe_member(path: str, member: Any) -> str:
    """One line for a method, a property or a slot."""
    if isinstance(member, staticmethod):
        return path + signature_text(member.__func__)
    if isinstance(member, classmethod):
        return path + signature_text(member.__func__, skip_first=True)
    if isinstance(member, property):
        annotation = inspect.signature(member.fget).return_annotation if member.fget else "Any"
        return f"{path}: {annotation_text(annotation)}"
    if inspect.isfunction(member):
        return path + signature_text(member, skip_first=True)
    return path


def public_names() -> list[str]:
    """Every line, sorted; what the front door offers is not listed again under its room."""
    lines: set[str] = set()
    offered: set[int] = set()
    for room in rooms():
        for name, value in public_objects(room).items():
            if isinstance(value, ModuleType) or (room != "gradatim" and id(value) in offered):
                continue
            if room == "gradatim":
                offered.add(id(value))
            lines.update(describe(f"{room}.{name}", value))
    return sorted(lines)


if __name__ == "__main__":
    text = "\n".join(public_names()) + "\n"
    if "--write" in sys.argv[1:]:
        STORED.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
