"""How matplotlib is set up for a drawing of ours: fonts, determinism, nothing left behind."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gradatim.errors import BackendError

_CJK = (
    *("Noto Sans CJK JP", "Noto Sans CJK KR", "Noto Sans JP", "Noto Sans KR", "Malgun Gothic"),
    *("Yu Gothic", "Meiryo", "Apple SD Gothic Neo", "Hiragino Sans", "NanumGothic", "IPAexGothic"),
)
_CJK_FILES = ("notosanscjk", "notosansjp", "notosanskr", "nanumgothic", "ipaexg", "malgun")
_BEYOND_LATIN = "[\u1100-\u11ff\u3000-\u30ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7af]"
"""Compiled when it is asked for: so wide a range takes 5 ms."""


@contextmanager
def style(title: str = "", called: str = "style") -> Iterator[None]:
    """Set matplotlib up for one drawing, and leave it as it was.

    The user's own settings do not matter inside. SVG keeps text as text and gives the same bytes
    for the same drawing.

    Parameters
    ----------
    title : str
        Text of the drawing; a font for Korean or Japanese is looked for only where it is needed.
    called : str
        The function that was asked for the drawing, for messages.

    Raises
    ------
    BackendError
        matplotlib is not installed.

    Examples
    --------
    >>> import matplotlib
    >>> with style():
    ...     matplotlib.rcParams["svg.fonttype"]
    'none'
    """
    try:
        import matplotlib
    except ImportError as error:
        raise BackendError(
            f"{called}: drawing needs matplotlib, which is not installed. "
            'Try pip install "gradatim[plot]".'
        ) from error
    settings: dict[str, Any] = {
        "font.family": [*_fonts(title), "sans-serif"],
        "axes.unicode_minus": False,
        "svg.fonttype": "none",
        "svg.hashsalt": "gradatim",
        "savefig.facecolor": "white",
        "text.parse_math": False,
    }
    with warnings.catch_warnings(), matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(settings)  # type: ignore[arg-type]
        # Without a font for the title its letters become boxes; that is seen, and no fault.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


def _fonts(title: str) -> list[str]:
    """Name installed fonts only: matplotlib complains about each that is not."""
    if not re.search(_BEYOND_LATIN, title):
        return ["DejaVu Sans"]
    from matplotlib import font_manager

    manager = font_manager.fontManager
    installed = [name for name in _CJK if name in manager.get_font_names()]
    if not installed:
        # Fonts installed after matplotlib's first run are not in its cache.
        for file in font_manager.findSystemFonts():
            if re.sub("[^a-z]", "", Path(file).stem.lower()).startswith(_CJK_FILES):
                manager.addfont(file)
        installed = [name for name in _CJK if name in manager.get_font_names()]
    return ["DejaVu Sans", *installed]
