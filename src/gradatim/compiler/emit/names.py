"""Variable names for the values of a program: those of the model where it has one."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable, Mapping

from gradatim.compiler.program import Program, Value, origin

_TAKEN = {"np", "step", *keyword.kwlist, *keyword.softkwlist, *dir(builtins)}


def name_values(program: Program, arguments: Iterable[str]) -> dict[Value, str]:
    """Return a variable name for every value; versions of a state share that of the state.

    Parameters
    ----------
    program : Program
        Any.
    arguments : iterable of str
        What the step itself calls its arguments.

    Returns
    -------
    dict of Value to str
        Unique, but for versions of one state.
    """
    taken = set(_TAKEN)
    names: dict[Value, str] = {}
    for value, wanted in zip(program.arguments, arguments):
        names[value] = _unique(wanted, taken)
    for value in program.state:
        names[value] = _unique(value.name or "state", taken)
    for value in program.literals:
        names[value] = _unique("constant", taken)
    for line in program.lines:
        home = origin(line.output)
        names[line.output] = (
            names[home]
            if home in names
            else _unique(line.output.name or line.primitive.name, taken)
        )
    return names


def name_generators(program: Program, names: Mapping[Value, str]) -> dict[int, str]:
    """Return a variable name for each generator that a program draws from, by its identity.

    Parameters
    ----------
    program : Program
        Any.
    names : mapping of Value to str
        The variables that there are already.
    """
    taken = _TAKEN | set(names.values())
    return {id(rng): _unique("rng", taken) for rng in program.generators()}


def _unique(wanted: str, taken: set[str]) -> str:
    stem = re.sub(r"\W", "_", wanted) or "value"
    stem = f"_{stem}" if stem[0].isdigit() else stem
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem}_{number}"
    taken.add(name)
    return name
