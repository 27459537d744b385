"""The verbs put together: arguments in, exit status out."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

from gradatim.cli import failure
from gradatim.cli.garbage import seldom_looked_for
from gradatim.cli.misuse import misuse
from gradatim.cli.settings import Settings
from gradatim.cli.terminal import printable
from gradatim.cli.threads import numpy_threads
from gradatim.errors import GradatimError
from gradatim.opening import opened
from gradatim.store import versions

if TYPE_CHECKING:
    from cyclopts import App, Token

_ABOUT = "Backpropagation step by step: train a network on digits, test it, show it your own."

_VERBS = (
    "train",
    "evaluate",
    "predict",
    "curves",
    "reproduce",
    "data",
    "check",
    "draw",
    "explain",
)
"""In the order of the help; each has a file of its name, with a function of its name."""

_EXAMPLES = {
    "": """\
  gradatim train                             learn to read MNIST's digits
  gradatim evaluate runs/mnist-001           how well it reads new ones
  gradatim predict runs/mnist-001 three.png  what it sees in your picture
  gradatim curves runs/mnist-001             how it learned
  gradatim draw apples --open                a computation and its gradients
  gradatim explain apples --wrt apple        where a gradient comes from""",
    "train": """\
  gradatim train                                  784-50-10, as in the book
  gradatim train --layers 784-100-100-10          two hidden layers
  gradatim train --optimizer adam --epochs 5      another way to learn
  gradatim train --steps 2000 --out runs/short    a short run, named by you
  gradatim train --data pets/                     pictures in a folder per class""",
    "evaluate": """\
  gradatim evaluate runs/mnist-001
  gradatim evaluate runs/mnist-001 --data fashion/""",
    "check": """\
  gradatim check                            the notebooks' own check
  gradatim check --sweep step.png           and a picture of its error over h
  gradatim check my_layers.py               every layer in your file
  gradatim check my_layers.py:Affine        one of them
  gradatim check my_layers.py:make          what your function make() returns
  gradatim check a.py:Relu --input 2x3      on an input of that shape""",
    "curves": """\
  gradatim curves runs/mnist-001                       as lines of text
  gradatim curves runs/mnist-001 runs/mnist-002        side by side
  gradatim curves runs/mnist-00* -o curves.svg         and as a picture""",
    "data": """\
  gradatim data info mnist
  gradatim data export mnist digits           70,000 PNG files in class folders
  gradatim data export mnist digits --as idx""",
    "draw": """\
  gradatim draw apples                      as text, values and gradients
  gradatim draw apples -o apples.svg        as a picture
  gradatim draw layers --open               as a page that plays it step by step
  gradatim draw runs/mnist-001 -o net.png   a trained network and one digit
  gradatim draw my_code.py:loss --open      a Tensor in your file
  gradatim draw my_code.py:model --input 3x784
  gradatim draw my_code.py:area --input 2.0 --input 3.5""",
    "explain": """\
  gradatim explain apples --wrt apple       one gradient, with numbers
  gradatim explain layers                   a network, and why it is y - t
  gradatim explain my_code.py:loss          a Tensor in your file
  gradatim explain apples -o apples.md      for a page; .tex for a paper""",
    "predict": """\
  gradatim predict runs/mnist-001 three.png
  gradatim predict runs/mnist-001 photos/*.jpg""",
    "reproduce": """\
  gradatim reproduce                        all numbers, in less than a minute
  gradatim reproduce apples                 those of one notebook
  gradatim reproduce all --full             with all long runs
  gradatim reproduce --pictures pictures/   a picture of each notebook""",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        What is typed after ``gradatim``; by default what was, and then the process is taken to end
        with the command.

    Returns
    -------
    int
        Exit status: 0, or 2 where what was asked for cannot be done, 130 after Ctrl-C, 141 where
        nobody reads the output any more, 1 for a fault of gradatim itself.

    Examples
    --------
    >>> main(["--version"])
    gradatim ...
    0
    """
    tokens = list(sys.argv[1:] if argv is None else argv)
    caller = " ".join(["gradatim", *(token for token in tokens[:1] if token in _VERBS)])
    try:
        with printable(), numpy_threads(), seldom_looked_for(for_good=argv is None):
            status = _run(tokens, caller)
        if sys.stdout is not None:  # as it is after `gradatim train >&-`
            sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return failure.interrupted()
    except (BrokenPipeError, SystemExit):  # rich leaves by SystemExit when its pipe breaks
        return failure.no_reader()
    except (GradatimError, OSError, MemoryError) as error:
        return failure.refuse(caller, failure.refusal(error))
    except Exception:
        return failure.bug()


def _run(tokens: list[str], caller: str) -> int:
    from cyclopts import CycloptsError

    try:
        return _app(tokens)(tokens) or 0
    except CycloptsError as error:
        return failure.refuse(caller, misuse(error, _VERBS))


def _app(tokens: Sequence[str]) -> App:
    """Return the parser for what was typed; it knows the other verbs only where none was."""
    from cyclopts import App, Parameter

    app = App(
        "gradatim",
        help=_ABOUT,
        version=f"gradatim {versions()['gradatim']}",
        version_format="plaintext",
        help_format="plaintext",
        help_epilogue=_epilogue(""),
        default_parameter=Parameter(negative=(), show_env_var=False),
        exit_on_error=False,
        print_error=False,
        suppress_keyboard_interrupt=False,
        result_action="return_value",
    )
    app["--help"].help = "Show this page, or that of a command, and leave."
    app["--version"].help = "Show the version and leave."
    for place, name in enumerate(_VERBS):
        if tokens and tokens[0] in _VERBS and tokens[0] != name:
            continue
        verb = _opened(name)
        app.command(
            _grouped(verb),
            name=name,
            help=_about(verb),
            help_epilogue=_epilogue(name),
            sort_key=place,
        )
    return app


def _opened(name: str) -> Callable[..., int]:
    """Load a verb with all that it needs; nobody waits for what the others need."""
    verb: Callable[..., int] = getattr(opened(f"gradatim.cli.{name}"), name)
    return verb


def _about(verb: Callable[..., int]) -> str:
    """Return what a docstring says before its sections, one line a paragraph."""
    paragraphs = inspect.cleandoc(verb.__doc__ or "").partition("\n\nParameters\n")[0].split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _unwrapped(docstring: str) -> str:
    """Join the lines that tell of one argument: the help breaks them where the terminal ends."""
    told = re.compile(r"^( {4}.*)\n {4}(?=\S)", re.MULTILINE)
    text, joined = inspect.cleandoc(docstring), 1
    while joined:
        text, joined = told.subn(r"\1 ", text)
    return text


def _epilogue(verb: str) -> str:
    return f"Examples:\n{_EXAMPLES[verb]}"


def _grouped(verb: Callable[..., int]) -> Callable[..., int]:
    """Spell a verb that takes `Settings` out as a function of one keyword an option."""
    from cyclopts import Group, Parameter

    if "settings" not in inspect.signature(verb).parameters:
        return _abbreviated(verb)

    def spelt(**given: Any) -> int:
        return verb(Settings(**given))

    hints = get_type_hints(Settings)
    groups = {
        name: Group(name, sort_key=place)
        for place, name in enumerate(dict.fromkeys(f.metadata["group"] for f in fields(Settings)))
    }
    parameters = [
        inspect.Parameter(
            each.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=each.default,
            annotation=Annotated[
                hints[each.name],
                Parameter(
                    converter=_whole if _is_whole(hints[each.name]) else None,
                    group=groups[each.metadata["group"]],
                    help=each.metadata["help"],
                    show_default=each.default not in (None, False),
                ),
            ],
        )
        for each in fields(Settings)
    ]
    spelt.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    spelt.__annotations__ = {each.name: each.annotation for each in parameters}
    spelt.__doc__ = verb.__doc__
    return spelt


def _abbreviated(verb: Callable[..., int]) -> Callable[..., int]:
    """Let the file that a verb writes be given by ``-o`` as well; flags show no default."""
    from cyclopts import Parameter

    signature = inspect.signature(verb)

    @wraps(verb)
    def spelt(*given: Any, **named: Any) -> int:
        return verb(*given, **named)

    hints = get_type_hints(verb)
    file, flag = Parameter(name=("--out", "-o")), Parameter(show_default=False)
    for name, hint in hints.items():
        if name == "out" or hint is bool:
            hints[name] = Annotated[hint, file if name == "out" else flag]
    parameters = [
        each.replace(annotation=hints[each.name]) for each in signature.parameters.values()
    ]
    spelt.__doc__ = _unwrapped(verb.__doc__ or "")
    spelt.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    spelt.__annotations__ = hints
    return spelt


def _is_whole(hint: Any) -> bool:
    return hint is int or hint == int | None


def _whole(hint: Any, tokens: Sequence[Token]) -> int:
    """Read 10000, 10_000 and 1e4; the parser itself would round 1.5 to 2."""
    try:
        return int(tokens[0].value)
    except ValueError:
        number = float(tokens[0].value)
        if not number.is_integer():
            raise ValueError("not whole") from None
        return int(number)
