"""Every exception of gradatim.

::

    Exception
    └── GradatimError                      whatever gradatim itself raises
        ├── ShapeError     (ValueError)    sizes, axes or ranks do not fit
        ├── DtypeError     (TypeError)     a dtype cannot do what was asked of it
        ├── GraphError     (RuntimeError)  the graph cannot be differentiated
        │   ├── StaleGraphError            an input was overwritten after it was used
        │   └── NoGradientError            nothing here requires a gradient
        ├── RecordingError (RuntimeError)  a step cannot become a program
        ├── StateError     (ValueError)    saved state does not fit the object it is loaded into
        ├── DataError      (ValueError)    a file, a folder or a batch is not what it must be
        ├── DivergenceError (ArithmeticError)  a training has gone to infinity or NaN
        ├── HealthError    (AssertionError)  a training was asserted to be healthy and is not
        └── BackendError   (RuntimeError)  the machine or an optional package cannot do it

A message has four parts: what was called, what arrived, what must hold, what to try.
"""

from __future__ import annotations


class GradatimError(Exception):
    """Base of every exception that gradatim raises on purpose.

    ``places`` holds the path of modules that the exception passed on its way out, outermost
    first; it is shown after the message as ``in first (Linear)``.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        self.places: list[str] = []

    def __str__(self) -> str:
        if not self.places:
            return self.message
        return f"{self.message}\n  in {'.'.join(self.places)}"


class ShapeError(GradatimError, ValueError):
    """Sizes, axes or ranks do not fit."""


class DtypeError(GradatimError, TypeError):
    """A dtype cannot do what was asked of it."""


class GraphError(GradatimError, RuntimeError):
    """The graph of a computation cannot be differentiated."""


class StaleGraphError(GraphError):
    """An input of a computation was overwritten before its gradient was taken."""


class NoGradientError(GraphError):
    """A gradient was asked for where nothing requires one."""


class RecordingError(GradatimError, RuntimeError):
    """A training step cannot be recorded as a program."""


class StateError(GradatimError, ValueError):
    """Saved state does not fit the object that it is loaded into."""


class DataError(GradatimError, ValueError):
    """A file, a folder or a batch of data is not what it must be."""


class DivergenceError(GradatimError, ArithmeticError):
    """A training has gone to infinity or NaN."""


class HealthError(GradatimError, AssertionError):
    """A training was asserted to be healthy, and the Doctor has found something."""


class BackendError(GradatimError, RuntimeError):
    """The machine, or a package that is not installed, cannot do what was asked."""
