"""The compiler: a step that is recorded, printed as NumPy, and run as a program."""

from __future__ import annotations

from gradatim.compiler.compiled import Compiled, compile

__all__ = ["Compiled", "compile"]
