"""Finding: what is wrong with a training, how one can tell, and what to try."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a training.

    Parameters
    ----------
    name : str
        What it is: ``"learning rate too high"``, ``"dead units"`` and so on.
    evidence : str
        The numbers that tell.
    fix : str
        What to try.
    where : str, optional
        Path of the layer or parameter concerned; None if it concerns the whole.
    step : int
        After how many updates it was found.
    settings : dict
        The fix as settings, where it is that simple: ``{"lr": 0.1, "init": "he"}``.

    Examples
    --------
    >>> print(Finding("inputs not scaled", "they reach 255.", "Try scale=1 / 255.", "layers.0"))
    inputs not scaled (layers.0): they reach 255.
      Try scale=1 / 255.
    """

    name: str
    evidence: str
    fix: str
    where: str | None = None
    step: int = 0
    settings: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        return f"{self.name}{place}: {self.evidence}\n  {self.fix}"

    def plain(self) -> dict[str, Any]:
        """Return the finding as what JSON can hold."""
        return asdict(self)
