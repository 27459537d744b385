"""What the laws look at: the files of the package, its rooms, and its public names."""

from __future__ import annotations

import ast
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "gradatim"


@dataclass(frozen=True)
class Source:
    """One file of the package: ``gradatim.nn.linear`` for ``src/gradatim/nn/linear.py``."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def module(self) -> str:
        """The name it is imported by."""
        parts = self.path.relative_to(PACKAGE.parent).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def room(self) -> str:
        """The folder or file directly under the package; ``__init__`` for the front door."""
        return self.path.relative_to(PACKAGE).with_suffix("").parts[0]

    def at(self, node: ast.AST) -> str:
        """Where in the project a piece of syntax stands."""
        return f"{self.path.relative_to(ROOT)}:{node.lineno}"


def read(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    return Source(path, text, ast.parse(text, str(path)))


SOURCES = [read(path) for path in sorted(PACKAGE.rglob("*.py"))]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test with an argument ``source`` runs for every file, one with ``room`` for every room."""
    if "source" in metafunc.fixturenames:
        metafunc.parametrize("source", SOURCES, ids=lambda source: source.module)
    if "room" in metafunc.fixturenames:
        rooms = dict.fromkeys(source.room for source in SOURCES if source.room != "__main__")
        names = ["gradatim" if room == "__init__" else f"gradatim.{room}" for room in rooms]
        metafunc.parametrize("room", names)


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder that holds pyproject.toml."""
    return ROOT


@pytest.fixture(scope="session")
def sources() -> dict[str, Source]:
    """Every file of the package by module name."""
    return {source.module: source for source in SOURCES}


@pytest.fixture(scope="session")
def listing() -> ModuleType:
    """The script that lists the public names, as a module."""
    path = Path(__file__).with_name("list_public_names.py")
    spec = importlib.util.spec_from_file_location("list_public_names", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


IMPORT_TIME = pytest.StashKey[str]()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Report how long ``import gradatim`` takes; it varies too much to be a law."""
    if IMPORT_TIME in config.stash:
        terminalreporter.write_line(config.stash[IMPORT_TIME])


@pytest.fixture
def report_import_time(pytestconfig: pytest.Config):
    """Take a line for the end of the test run."""

    def report(line: str) -> None:
        pytestconfig.stash[IMPORT_TIME] = line

    return report
