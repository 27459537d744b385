"""What is tracked names no machine and no registry, and is small."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

MACHINE_PATH = re.compile(
    rb"(?<![\w.~-])/(?:work|root|tmp|home|Users|farm)/[\w.]" rb"|\b[A-Z]:\\+Users\\"
)
REGISTRY = re.compile(
    rb"\bpypi\.(?:org|io|python)|files\.pythonhosted|npmjs\.(?:com|org)|deb\.debian\.org"
    rb"|--(?:extra-)?index-url[ =]"
)
MOST_KIB = 1500
EMBEDDED = "src/gradatim/data/embedded/"


@pytest.fixture(scope="module")
def tracked(root):
    """Every tracked file that is there; outside a checkout there is nothing to ask."""
    if not (root / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a git checkout")
    command = ["git", "-C", str(root), "ls-files", "-z"]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [root / name for name in names.split("\0") if name and (root / name).is_file()]


def occurrences(pattern, tracked):
    """Where a pattern stands in the tracked text files: path, line, what was found."""
    for path in tracked:
        content = path.read_bytes()
        if b"\0" in content:
            continue
        for number, line in enumerate(content.splitlines(), start=1):
            for match in pattern.finditer(line):
                yield f"{path}:{number}: {match.group().decode()}"


def test_no_path_of_a_machine_is_tracked(tracked):
    found = list(occurrences(MACHINE_PATH, tracked))

    assert not found, "\n".join(found)


def test_no_registry_is_named(tracked):
    found = list(occurrences(REGISTRY, tracked))

    assert not found, "\n".join(found)


def test_only_embedded_data_is_large(root, tracked):
    large = {
        str(path.relative_to(root)): f"{path.stat().st_size // 1024} KiB"
        for path in tracked
        if path.stat().st_size > MOST_KIB * 1024
        and not path.relative_to(root).as_posix().startswith(EMBEDDED)
    }

    assert not large, f"more than {MOST_KIB} KiB: {large}"


@pytest.mark.parametrize("command", ["make train", "make test"])
def test_readme_names_the_two_commands(root, command):
    assert command in (root / "README.md").read_text(encoding="utf-8")
