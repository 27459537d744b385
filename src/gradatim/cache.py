"""Where what can be made again is kept."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def cache_folder() -> Path:
    """Return the folder for what can be made again: ``$GRADATIM_CACHE``, else the platform's.

    Returns
    -------
    Path
        It need not exist yet.

    Examples
    --------
    >>> cache_folder().is_file()
    False
    """
    chosen = os.environ.get("GRADATIM_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        parent = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        parent = "~/Library/Caches"
    else:
        given = os.environ.get("XDG_CACHE_HOME", "")
        parent = given if os.path.isabs(given) else "~/.cache"  # so the specification wants it
    return Path(parent).expanduser() / "gradatim"
