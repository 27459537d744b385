"""A page that quotes a run: what stands between two marks is replaced by the latest one."""

from __future__ import annotations

from pathlib import Path

from gradatim.atomic import writing


def put(page: Path, mark: str, text: str) -> None:
    """Put a text between ``<!-- mark -->`` and ``<!-- end of mark -->`` of a page."""
    before, begin, rest = page.read_text("utf-8").partition(f"<!-- {mark} -->\n")
    _, end, after = rest.partition(f"<!-- end of {mark} -->")
    if not (begin and end):
        raise ValueError(
            f"{page} has no place for a run: it must have the lines <!-- {mark} --> and "
            f"<!-- end of {mark} -->."
        )
    with writing(page, "w") as file:
        file.write(f"{before}{begin}\n{text.strip()}\n\n{end}{after}")
