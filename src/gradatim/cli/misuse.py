"""What was typed but cannot be understood, said in one sentence that names what comes nearest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

if TYPE_CHECKING:
    from cyclopts import CycloptsError

_KINDS = {int: "a whole number", float: "a number", bool: "given without a value"}
_OTHER_NAMES = {"--learning-rate": "--lr", "--hidden": "--layers", "--dataset": "--data"}


def misuse(error: CycloptsError, verbs: Sequence[str]) -> str:
    """Return the sentence for an error of the parser; its own words where there are no better."""
    import cyclopts

    found: Any = error
    if isinstance(found, cyclopts.UnknownOptionError):
        return _unknown(found.token.keyword or found.token.value, found.argument_collection)
    if isinstance(found, cyclopts.UnknownCommandError):
        return _no_verb((found.unused_tokens or ["?"])[0], verbs)
    if isinstance(found, cyclopts.CoercionError) and found.token is not None:
        return _unfit(found)
    if isinstance(found, cyclopts.UnusedCliTokensError) and found.unused_tokens:
        return f'there is no place for "{found.unused_tokens[0]}"; options begin with two hyphens.'
    if isinstance(found, cyclopts.MissingArgumentError) and found.argument is not None:
        name = found.argument.name
        return f"{name} {'needs a value' if name.startswith('-') else 'is missing'}."
    if isinstance(found, cyclopts.RepeatArgumentError):
        return f"{found.token.keyword} is given twice; once is enough."
    return str(error)


def _unknown(option: str, arguments: Iterable[Any]) -> str:
    names = [name for argument in arguments for name in argument.names if name.startswith("--")]
    known = {name: name for name in (*names, "--help")}
    known |= {other: name for other, name in _OTHER_NAMES.items() if name in known}
    near = _nearest(option, known, 0.65)
    hint = f"did you mean {known[near[0]]}?" if near else "--help lists those that there are."
    return f"there is no option {option}; {hint}"


def _no_verb(token: str, verbs: Sequence[str]) -> str:
    kind = "option" if token.startswith("-") else "command"
    known = ["--help", "--version"] if kind == "option" else list(verbs)
    near = _nearest(token, known, 0.6)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}."
    return f'there is no {kind} "{token}"; {hint}'


def _unfit(error: Any) -> str:
    name, value, hint = error.token.keyword or error.argument.name, error.token.value, None
    choices: list[str] = []
    for part in (error.target_type, *get_args(error.argument.hint), error.argument.hint):
        choices += [str(each) for each in get_args(part)] if get_origin(part) is Literal else []
        hint = hint or _KINDS.get(part)
    if choices:
        near = _nearest(value, choices, 0.5)
        meant = f"; did you mean {near[0]}?" if near else "."
        return f"{name} {value}: it must be one of {', '.join(dict.fromkeys(choices))}{meant}"
    return f"{name} {value}: it must be {hint}." if hint else str(error)


def _nearest(word: str, known: Iterable[str], likeness: float) -> list[str]:
    """The known word that is most like one that was typed, if any is like it."""
    from difflib import get_close_matches

    return get_close_matches(word, list(known), n=1, cutoff=likeness)
