"""The room of pictures as something that can be called: ``gd.draw(loss)``."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradatim.draw.chart.block import architecture
    from gradatim.draw.chart.confusion import confusion
    from gradatim.draw.chart.curve import curves
    from gradatim.draw.chart.descent import descent
    from gradatim.draw.chart.flow import gradient_flow
    from gradatim.draw.chart.landscape import landscape
    from gradatim.draw.chart.prediction import predictions
    from gradatim.draw.chart.region import regions
    from gradatim.draw.chart.sweep import sweep
    from gradatim.draw.chart.weight import weights
    from gradatim.draw.digit import bars, digit_text
    from gradatim.draw.door import draw
    from gradatim.draw.drawing import Drawing
    from gradatim.draw.picture.fold import Depth, Names


class Room(ModuleType):
    """A module that draws when it is called; see :func:`draw`.

    It stays the module that it is, so imports, reloading and pickling by name work as ever; the
    functions are repeated here only for type checkers, which know no modules that can be called.
    """

    def __dir__(self) -> list[str]:
        """Return what is offered, without what it is made with."""
        return sorted({*self.__all__, *(name for name in vars(self) if name.startswith("__"))})

    def __call__(
        self,
        subject: Any,
        *inputs: Any,
        depth: Depth = None,
        fold: Names = (),
        unfold: Names = (),
        nodes: int | None = 100,
        names: Mapping[str, Any] | None = None,
        gradients: bool | None = None,
        note: str = "",
    ) -> Drawing:
        """Draw a computation; see :func:`draw`."""
        drawing: Drawing = self.draw(
            subject, *inputs, depth=depth, fold=fold, unfold=unfold, nodes=nodes, names=names,
            gradients=gradients, note=note,
        )  # fmt: skip
        return drawing

    if TYPE_CHECKING:
        architecture = staticmethod(architecture)
        bars = staticmethod(bars)
        confusion = staticmethod(confusion)
        curves = staticmethod(curves)
        descent = staticmethod(descent)
        digit_text = staticmethod(digit_text)
        draw = staticmethod(draw)
        gradient_flow = staticmethod(gradient_flow)
        landscape = staticmethod(landscape)
        predictions = staticmethod(predictions)
        regions = staticmethod(regions)
        sweep = staticmethod(sweep)
        weights = staticmethod(weights)
