"""What a graph's gradients are made of: every part as data, and the chain rule in words."""

from gradatim.derivation.flow import Flow, Part, flow_of

__all__ = ["Flow", "Part", "flow_of"]
