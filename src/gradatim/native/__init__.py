"""Machine code, through LLVM: its language written as text, compiled, loaded and kept.

::

    ir          types, loops and vectors, written as text
    arithmetic  what operators are in machine code
    conversion  stored numbers as floats, scaled
    keeping     compiled code on disk
    engine      text compiled and loaded
    picking     samples of an array, converted on the way
"""

from gradatim.native.backend import chosen
from gradatim.native.picking import Picking

__all__ = ["Picking", "chosen"]
