"""What a graph's gradients are made of: every part as data, and the chain rule in words."""

from gradatim.derivation.door import explain
from gradatim.derivation.explanation import Explanation
from gradatim.derivation.flow import Flow, Part, flow_of
from gradatim.derivation.ledger import Equation
from gradatim.derivation.step import Step

__all__ = ["Equation", "Explanation", "Flow", "Part", "Step", "explain", "flow_of"]
