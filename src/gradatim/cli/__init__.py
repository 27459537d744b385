"""The command line: ``gradatim train``, ``gradatim evaluate``, ``gradatim predict``."""

from gradatim.cli.app import main

__all__ = ["main"]
