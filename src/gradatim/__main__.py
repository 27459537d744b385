"""``python -m gradatim`` is the command ``gradatim``."""

from __future__ import annotations

import sys

from gradatim.cli import main

if __name__ == "__main__":
    sys.exit(main())
