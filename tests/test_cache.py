"""The folder for what can be made again, as the environment or the platform has it."""

from __future__ import annotations

import sys

import pytest

from gradatim.cache import cache_folder


def test_the_environment_decides(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADATIM_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {}, "home/.cache/gradatim"),
        ("linux", {"XDG_CACHE_HOME": "/xdg"}, "/xdg/gradatim"),
        ("linux", {"XDG_CACHE_HOME": "not/absolute"}, "home/.cache/gradatim"),
        ("darwin", {}, "home/Library/Caches/gradatim"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/gradatim"),
        ("win32", {}, "home/AppData/Local/gradatim"),
    ],
)
def test_else_the_platform_does(monkeypatch, tmp_path, platform, variables, expected):
    for name in ("GRADATIM_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setattr(sys, "platform", platform)
    assert cache_folder() == tmp_path / expected
