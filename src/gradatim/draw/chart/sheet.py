"""Sheets: what is drawn shows itself in a notebook or a browser, and becomes a file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from gradatim.atomic import unwritable, writing
from gradatim.errors import DataError, DtypeError

FORMS: Mapping[str, str] = {".svg": "svg", ".png": "png", ".html": "html"}
"""The method that gives what a file with a suffix holds."""


class Sheet:
    """Something drawn.

    Parameters
    ----------
    called : str
        The function that was asked for it, for messages.

    Examples
    --------
    >>> Sheet("mine")
    Sheet mine
    """

    _papers = "#ffffff", "#ffffff"
    _forms = FORMS

    def __init__(self, called: str) -> None:
        self._called = called

    def svg(self) -> str:
        """Return it as the text of an SVG file; text stays text."""
        raise NotImplementedError

    def png(self) -> bytes:
        """Return it as the bytes of a PNG file."""
        raise NotImplementedError

    def html(self) -> str:
        """Return it as a page that needs no other file."""
        svg = self.svg()
        light, dark = self._papers
        return (
            '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width,initial-scale=1">'
            f"<title>{escape(self._called)}</title>"
            f"<style>body{{margin:1rem;background:{light}}}svg{{max-width:100%;height:auto}}"
            f"@media (prefers-color-scheme:dark){{body{{background:{dark}}}}}</style></head>\n"
            f"<body>{svg[svg.index('<svg') :]}</body></html>\n"
        )

    def save(self, *paths: str | os.PathLike[str]) -> None:
        """Write it into files.

        Parameters
        ----------
        *paths : str or path
            The suffix chooses the form: ``.svg``, ``.png`` or ``.html``. A file is replaced whole.

        Raises
        ------
        DataError
            There is no path, or a suffix is none of these, and nothing was written; or a file
            cannot be written.
        DtypeError
            A path is none.
        BackendError
            matplotlib is not installed, and a PNG was asked for.

        Examples
        --------
        >>> Sheet("walk").save("walk.bmp")
        Traceback (most recent call last):
            ...
        gradatim.errors.DataError: walk: walk.bmp: the suffix is .bmp; it must be .svg, .png or ...
        """
        if not paths:
            raise DataError(
                f"{self._called}: save was given no file; it must be given one or more. "
                f"Try save('{self._called}.svg')."
            )
        forms = [form_of(path, self._called, self._forms) for path in paths]
        for path, form in zip(paths, forms):
            drawn = getattr(self, form)()
            try:
                with writing(path) as file:
                    file.write(drawn if isinstance(drawn, bytes) else drawn.encode("utf-8"))
            except OSError as error:
                raise DataError(unwritable(Path(path), error)) from error

    def open(self) -> Path:
        """Show it in a browser; return the file of its page, which stays."""
        import tempfile
        import webbrowser

        with tempfile.NamedTemporaryFile(prefix="gradatim-", suffix=".html", delete=False) as file:
            path = Path(file.name)
        self.save(path)
        webbrowser.open(path.as_uri())
        return path

    def _repr_svg_(self) -> str:
        return self.svg()

    def __repr__(self) -> str:
        return f"{type(self).__name__} {self._called}"


def form_of(path: Any, called: str, forms: Mapping[str, str] = FORMS) -> str:
    """Return the form that the suffix of a file chooses.

    Parameters
    ----------
    path : str or path
        The file.
    called : str
        The function that was asked for it, for messages.
    forms : mapping of str to str
        What there is, by suffix.

    Returns
    -------
    str
        One of the values of ``forms``.

    Raises
    ------
    DataError
        The suffix is none of them, or nothing is named.
    DtypeError
        It is no path.

    Examples
    --------
    >>> form_of(Path("curves.PNG"), "curves")
    'png'
    """
    if not isinstance(path, str | os.PathLike):
        raise DtypeError(
            f"{called}: a file is {type(path).__name__}; it must be a path. Several are given one "
            f"after the other: save('{called}.svg', '{called}.png')."
        )
    text = os.fsdecode(path)
    named = Path(text)
    suffix = named.suffix.lower()
    if suffix in forms and "\0" not in text:
        return forms[suffix]
    shown = f"the suffix is {named.suffix or 'missing'}" if named.name else "it names no file"
    if "\0" in text:
        shown = "the name holds a character that no file may have"
    *most, last = forms
    raise DataError(
        f"{called}: {text if text and text.isprintable() else repr(text)}: {shown}; it must be "
        f"{', '.join(most)} or {last}. Did you mean {_likely(named.name, called, forms)}?"
    )


def _likely(name: str, called: str, forms: Mapping[str, str]) -> str:
    """The name up to its first suffix, as an SVG."""
    stem = "".join(letter for letter in name.lstrip(".") if letter.isprintable()).split(".")[0]
    return f"{stem if stem and f'.{stem}' not in forms else called}.svg"
