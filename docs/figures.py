"""Draw the figures of drawing.md: ``python figures.py [FOLDER]``."""

from __future__ import annotations

import sys
from pathlib import Path

from gradatim.notebooks.figure import FIGURES, figure

HERE = Path(__file__).parent / "images" / "figures"


def main(folder: Path) -> None:
    """Draw all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in FIGURES:
        figure(name).save(folder / f"{name}.svg")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else HERE)
